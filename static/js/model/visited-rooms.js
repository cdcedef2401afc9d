/**
 * The rooms that were visited in this browser, so that one hears what is said there without
 * opening them again. Pure but for the browser's storage, where all its tabs share them.
 */

import { OURS } from '../lib/base.js';
import { isRoom, LOBBY } from './room-name.js';
import { recall, remember } from '../lib/storage.js';

/** How many rooms are kept up to date for somebody who only looks in. The server allows 100. */
export const MOST_ROOMS = 20;

const KEY = 'visited';
const LEFT = 'left';

/** Of rooms that were left no more are remembered. */
const MOST_LEFT = 200;

export class VisitedRooms {
  /** @returns {string[]} slugs, the latest last; the lobby is always among them */
  get list() {
    const kept = read(KEY);
    return kept.includes(LOBBY) ? kept : [LOBBY, ...kept.slice(1 - MOST_ROOMS)];
  }

  /** @returns {Set<string>} slugs of the rooms that were left, and not visited since */
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

  /** @param {string|null} key  of the storage event  @returns {boolean} */
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

/** Those of this page. */
export const visitedRooms = new VisitedRooms();

function read(key) {
  try {
    return JSON.parse(recall(key)).filter((slug) => typeof slug === 'string' && isRoom(slug));
  } catch {
    return [];
  }
}
