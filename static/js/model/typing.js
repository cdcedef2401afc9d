/**
 * Who is writing just now. Pure: it is told the time.
 */

import { named } from '../lib/formats.js';
import { say } from '../lib/words.js';

/** How long things last, in ms. */
export const TIMES = {
  believed: 5_000, // without being told again: who writes tells it every 2 s, and it is gone 6 s after the last key
};

export class Typing {
  #until = new Map();

  /**
   * @param {string} name
   * @param {number} now  in ms
   */
  heard(name, now) {
    this.#until.set(name, now + TIMES.believed);
  }

  /** @param {string} name  who said it, or left */
  done(name) {
    this.#until.delete(name);
  }

  /**
   * @param {number} now  in ms
   * @returns {string[]} in the order they began
   */
  names(now) {
    for (const [name, until] of this.#until) {
      if (until <= now) this.#until.delete(name);
    }
    return [...this.#until.keys()];
  }

  /** @param {number} now  in ms  @returns {number} in ms from now: when somebody is no longer believed; Infinity if nobody is */
  next(now) {
    return Math.min(...this.#until.values()) - now;
  }
}

/**
 * @param {string[]} names
 * @returns {string} a sentence for people, '' if nobody is
 */
export function typingSentence(names) {
  const [name, other] = names;
  switch (names.length) {
    case 0: return '';
    case 1: return say('typing.one', { name: named(name) });
    case 2: return say('typing.two', { name: named(name), other: named(other) });
    default: return say('typing.several');
  }
}
