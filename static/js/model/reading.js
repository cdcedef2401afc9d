/**
 * Tracks up to which message a room was read: a message counts as read when its end was visible
 * for a second without a break. Pure: the caller passes the visible messages and the time.
 */

/** How long, in ms, a message must be visible to count as read. */
const ENOUGH = 1_000;

export class Reading {
  /** The seq up to which everything is read. */
  upTo = 0;
  /** @type {Map<number, number>} since when each message has been visible, by seq */
  #since = new Map();

  /** Starts over for another room. @param {number} upTo  its read position */
  begin(upTo) {
    this.upTo = upTo;
    this.#since.clear();
  }

  /**
   * Updates the visible messages.
   *
   * @param {number[]} seqs  messages whose end is visible; empty while the page is hidden or unfocused
   * @param {number} now     in ms
   * @returns {boolean} whether the read position has advanced
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

  /** @returns {number} in how many ms a visible message will count as read; Infinity if there is none */
  wait(now) {
    const open = [...this.#since].filter(([seq]) => seq > this.upTo).map(([, since]) => since + ENOUGH - now);
    return Math.min(...open);
  }
}
