/**
 * Tracks what is read: messages that stay on the screen for long enough while the tab is visible
 * and focused (reading.js).
 */

import { Reading } from '../model/reading.js';

export class ListReader {
  #reading = new Reading();
  #seqs;
  #emit;
  #timer = 0;
  #life = new AbortController();

  /**
   * @param {() => number[]} seqs         returns the messages whose end is visible
   * @param {(seq: number) => void} tell  called with the new read position
   */
  constructor(seqs, tell) {
    this.#seqs = seqs;
    this.#emit = tell;
  }

  start() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    for (const event of ['focus', 'blur']) window.addEventListener(event, () => this.look(), { signal });
    document.addEventListener('visibilitychange', () => this.look(), { signal });
  }

  stop() {
    this.#life.abort();
    clearTimeout(this.#timer);
  }

  /** Starts over for another room. */
  begin() {
    this.#reading.begin(0);
  }

  /** Call after the list moved; a timer calls it as well. */
  look() {
    clearTimeout(this.#timer);
    const now = performance.now();
    const looks = !document.hidden && document.hasFocus();
    if (this.#reading.look(looks ? this.#seqs() : [], now)) this.#emit(this.#reading.upTo);
    const wait = this.#reading.wait(now);
    if (wait < Infinity) this.#timer = setTimeout(() => this.look(), wait);
  }
}
