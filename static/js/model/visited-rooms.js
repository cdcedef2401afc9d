/**
 * The rooms that were visited in this browser. The page stays subscribed to them, so that their
 * messages arrive without opening them. Pure except for the storage, which all tabs share.
 */

import { OURS } from '../lib/base.js';
import { isRoom, LOBBY } from './room-name.js';
import { recall, remember } from '../lib/storage.js';

/** The number of visited rooms to stay subscribed to. The server allows 100. */
export const MOST_ROOMS = 20;

const KEY = 'visited';
const LEFT = 'left';

/** The number of rooms that were left to remember. */
const MOST_LEFT = 200;

export class VisitedRooms {
  /** @returns {string[]} slugs, the latest last; the lobby is always among them */
  get list() {
    const kept = read(KEY);
    return kept.includes(LOBBY) ? kept : [LOBBY, ...kept.slice(1 - MOST_ROOMS)];
  }

  /** @returns {Set<string>} slugs of rooms that were left and not visited since */
  get left() {
    return new Set(read(LEFT));
  }

  /** @param {string} slug */
  visit(slug) {
    this.#keepLeft([...this.left].filter((other) => other !== slug));
    this.#keep([...this.list.filter((other) => other !== slug), slug]);
  }

  /** @param {string} slug */
  leave(slug) {
    this.#keepLeft([...this.left, slug]);
    this.#keep(this.list.filter((other) => other !== slug));
  }

  /** @param {string|null} key  of a storage event  @returns {boolean} whether the rooms are stored there */
  isKeptAt(key) {
    return key === OURS + KEY || key === OURS + LEFT;
  }

  #keepLeft(slugs) {
    remember(LEFT, slugs.length > 0 ? JSON.stringify(slugs.slice(-MOST_LEFT)) : '');
  }

  #keep(slugs) {
    remember(KEY, JSON.stringify(slugs.slice(-MOST_ROOMS)));
  }
}

/** The visited rooms of this browser. */
export const visitedRooms = new VisitedRooms();

function read(key) {
  try {
    return JSON.parse(recall(key)).filter((slug) => typeof slug === 'string' && isRoom(slug));
  } catch {
    return [];
  }
}
