/**
 * Computes how long to wait before the next attempt. Pure.
 *
 * Full jitter: a random time from 0 to a bound that doubles with each attempt, so that the clients
 * of a restarted server come back spread out instead of all at once, again and again.
 */

/** The bounds of the first wait and of the longest, in ms. */
const FIRST = 1_000;
const MOST = 30_000;

export class Backoff {
  #tries = 0;
  #random;

  /** @param {() => number} random  returns a number from 0 to below 1 */
  constructor(random = Math.random) {
    this.#random = random;
  }

  /**
   * @param {number} spread  the minimum of the bound, in ms
   * @returns {number} how long to wait, in ms
   */
  next(spread = 0) {
    const bound = Math.min(MOST, Math.max(spread, FIRST * 2 ** this.#tries));
    this.#tries++;
    return Math.round(this.#random() * bound);
  }

  /** Starts over after a success. */
  reset() {
    this.#tries = 0;
  }
}
