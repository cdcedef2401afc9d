/**
 * Who is typing at the moment. Pure: the caller passes the time.
 */

import { named } from '../lib/formats.js';
import { say } from '../lib/words.js';

/** Durations in ms. */
export const TIMES = {
  believed: 5_000, // without another typing event: clients send one every 2 s, so a name disappears 6 s after the last key
};

export class Typing {
  #until = new Map();

  /**
   * Records a typing event.
   *
   * @param {string} name
   * @param {number} now  in ms
   */
  received(name, now) {
    this.#until.set(name, now + TIMES.believed);
  }

  /** Removes a name. @param {string} name  of a person who sent the message, or left */
  done(name) {
    this.#until.delete(name);
  }

  /**
   * @param {number} now  in ms
   * @returns {string[]} in the order they began to type
   */
  names(now) {
    for (const [name, until] of this.#until) {
      if (until <= now) this.#until.delete(name);
    }
    return [...this.#until.keys()];
  }

  /** @param {number} now  in ms  @returns {number} in how many ms the next name expires; Infinity if nobody is typing */
  next(now) {
    return Math.min(...this.#until.values()) - now;
  }
}

/**
 * @param {string[]} names
 * @returns {string} a sentence for people, '' if nobody is typing
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
