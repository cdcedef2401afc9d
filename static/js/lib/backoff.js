/**
 * How long to wait before trying again. Pure.
 *
 * Full jitter: any time from 0 to a bound that doubles with each try. When a server restarts,
 * its browsers come back spread out, instead of all at once, again and again.
 */

/** The bound of the first wait and that of the last ones, in ms. */
const FIRST = 1_000;
const MOST = 30_000;

export class Backoff {
  #tries = 0;
  #random;

  /** @param {() => number} random  from 0 to below 1 */
  constructor(random = Math.random) {
    this.#random = random;
  }

  /**
   * @param {number} spread  the least that the bound shall be, in ms
   * @returns {number} how long to wait now, in ms
   */
  next(spread = 0) {
    const bound = Math.min(MOST, Math.max(spread, FIRST * 2 ** this.#tries));
    this.#tries++;
    return Math.round(this.#random() * bound);
  }

  /** It worked: the next trouble is a new one. */
  reset() {
    this.#tries = 0;
  }
}
