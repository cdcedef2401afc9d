/**
 * Looks whether somebody looks: the tab is to be seen, has the focus, and messages stand still
 * before their eyes for long enough (reading.js).
 */

import { Reading } from '../model/reading.js';

export class ListReader {
  #reading = new Reading();
  #seqs;
  #tell;
  #timer = 0;
  #life = new AbortController();

  /**
   * @param {() => number[]} seqs         the messages whose end is on the screen
   * @param {(seq: number) => void} tell  up to which all is read now
   */
  constructor(seqs, tell) {
    this.#seqs = seqs;
    this.#tell = tell;
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

  /** Another room: nothing of it was before anybody's eyes yet. */
  begin() {
    this.#reading.begin(0);
  }

  /** Something has moved, or time has passed. */
  look() {
    clearTimeout(this.#timer);
    const now = performance.now();
    const looks = !document.hidden && document.hasFocus();
    if (this.#reading.look(looks ? this.#seqs() : [], now)) this.#tell(this.#reading.upTo);
    const wait = this.#reading.wait(now);
    if (wait < Infinity) this.#timer = setTimeout(() => this.look(), wait);
  }
}
