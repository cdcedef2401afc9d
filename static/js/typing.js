/**
 * Who is writing just now. Pure: it is told the time.
 */

/** For so long, in ms, it is believed without being told again. */
const LASTS = 6_000;

export class Typing {
  #until = new Map();

  /**
   * @param {string} name
   * @param {number} now  in ms
   */
  heard(name, now) {
    this.#until.set(name, now + LASTS);
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
}

/**
 * @param {string[]} names
 * @returns {string} a sentence for people, '' if nobody is
 */
export function typingSentence(names) {
  switch (names.length) {
    case 0: return '';
    case 1: return `${names[0]} is typing…`;
    case 2: return `${names[0]} and ${names[1]} are typing…`;
    default: return 'Several people are typing…';
  }
}
