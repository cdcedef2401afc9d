/**
 * The rooms that were visited in this browser, so that one hears what is said there without
 * opening them again. Pure but for the browser's storage, where all its tabs share them.
 */

import { OURS } from './base.js';
import { isRoom, LOBBY } from './room-name.js';
import { MOST_ROOMS } from './socket.js';
import { recall, remember } from './storage.js';

const KEY = 'visited';

export class VisitedRooms {
  /** @returns {string[]} slugs, the latest last; the lobby is always among them */
  get list() {
    const kept = read().filter((slug) => typeof slug === 'string' && isRoom(slug));
    return kept.includes(LOBBY) ? kept : [LOBBY, ...kept.slice(1 - MOST_ROOMS)];
  }

  /** @param {string} slug */
  visit(slug) {
    this.#keep([...this.list.filter((other) => other !== slug), slug]);
  }

  /** @param {string} slug */
  forget(slug) {
    this.#keep(this.list.filter((other) => other !== slug));
  }

  /** @param {string|null} key  of the storage event  @returns {boolean} */
  isKeptAt(key) {
    return key === OURS + KEY;
  }

  #keep(slugs) {
    remember(KEY, JSON.stringify(slugs.slice(-MOST_ROOMS)));
  }
}

/** Those of this page. */
export const visitedRooms = new VisitedRooms();

function read() {
  try {
    return JSON.parse(recall(KEY)) ?? [];
  } catch {
    return [];
  }
}
