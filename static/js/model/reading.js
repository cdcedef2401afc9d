/**
 * Knows up to which message a room was read: a message counts as read when its end was before
 * somebody's eyes for a second, without a break. Pure: it is told what is to be seen, and when.
 */

/** So long, in ms, it takes to see that there is something, and to look at it. */
const ENOUGH = 1_000;

export class Reading {
  /** The seq up to which all is read. */
  upTo = 0;
  /** @type {Map<number, number>} since when a message is before the eyes */
  #since = new Map();

  /** Another room. @param {number} upTo  what was read of it before */
  begin(upTo) {
    this.upTo = upTo;
    this.#since.clear();
  }

  /**
   * @param {number[]} seqs  whose end is to be seen; none if nobody looks at the page
   * @param {number} now     in ms
   * @returns {boolean} whether more is read now than before
   */
  look(seqs, now) {
    const before = this.upTo;
    const there = new Map();
    for (const seq of seqs) {
      const since = this.#since.get(seq) ?? now;
      there.set(seq, since);
      if (now - since >= ENOUGH && seq > this.upTo) this.upTo = seq;
    }
    this.#since = there;
    return this.upTo > before;
  }

  /** @returns {number} in ms from now: when something will be read, if it stays; Infinity if there is nothing */
  wait(now) {
    const open = [...this.#since].filter(([seq]) => seq > this.upTo).map(([, since]) => since + ENOUGH - now);
    return Math.min(...open);
  }
}
