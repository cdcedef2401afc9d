/**
 * Which part of a room's record is drawn. The record may hold thousands of messages, the page
 * only so many: where the reader is, and some way above and below. Pure.
 *
 * The edges are kept as seqs, so they stay right whatever is put in or taken away elsewhere.
 *
 * @typedef {import('./room-record.js').Message} Message
 */

/** So many messages are drawn at most on a screen that is not a wall. */
const MOST = 150;

/** By so many the window goes on. */
const STEP = 50;

/** Three screens of the lowest rows have this height each, in px: what is to be seen is never dropped. */
const LOWEST = 9;

export class ListWindow {
  #first = 0;
  #last = Infinity;
  #most = MOST;

  /** Whether all of the record is drawn, as for paper. The edges are kept for afterwards. */
  whole = false;

  /** Whether the newest message is drawn, and will be when there is a newer one. */
  get atNewest() {
    return this.#last === Infinity;
  }

  /** @param {number} height  of what is to be seen, in px */
  fit(height) {
    this.#most = Math.max(MOST, Math.ceil(height / LOWEST));
  }

  /** Goes to the end. */
  toNewest() {
    this.#first = 0;
    this.#last = Infinity;
  }

  /**
   * What is to be drawn now. Who follows the newest sees the newest; under the eyes of everybody
   * else nothing is dropped, so what comes when the window is full is outside of it.
   *
   * @param {Message[]} messages  of the record
   * @param {boolean} pinned      whether the newest is followed
   * @returns {{start: number, end: number}} the part as of slice
   */
  part(messages, pinned) {
    const { length } = messages;
    if (this.whole) return { start: 0, end: length };
    if (pinned) return this.#keep(messages, Math.max(0, length - this.#most), length);
    const start = Math.min(indexOf(messages, this.#first), Math.max(0, length - 1));
    const end = this.atNewest ? length : indexOf(messages, this.#last + 1);
    return this.#keep(messages, start, Math.min(end > start ? end : length, start + this.#most));
  }

  /** Goes on above, and drops below. @returns {boolean} false if the record ends there */
  up(messages) {
    const { start, end } = this.part(messages, false);
    const up = Math.max(0, start - STEP);
    this.#keep(messages, up, Math.min(end, up + this.#most));
    return up < start;
  }

  /** Goes on below, and drops above. @returns {boolean} false if the newest is drawn already */
  down(messages) {
    const { start, end } = this.part(messages, false);
    const down = Math.min(messages.length, end + STEP);
    this.#keep(messages, Math.max(start, down - this.#most), down);
    return down > end;
  }

  /** Goes to a message, which has some above it and more below. @param {number} seq */
  around(messages, seq) {
    const end = Math.min(messages.length, indexOf(messages, seq) + this.#most - STEP);
    this.#keep(messages, Math.max(0, end - this.#most), end);
  }

  #keep(messages, start, end) {
    this.#first = messages[start]?.seq ?? 0;
    this.#last = end === messages.length ? Infinity : messages[end - 1].seq;
    return { start, end };
  }
}

/**
 * @param {Message[]} messages
 * @param {number} seq
 * @returns {number} where the first message stands that has this seq or a later one
 */
export function indexOf(messages, seq) {
  let [low, high] = [0, messages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (messages[middle].seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * @param {Message[]} messages
 * @param {number} seq
 * @param {(message: Message) => boolean} isMine
 * @returns {number} how many messages others said after it
 */
export function saidAfter(messages, seq, isMine) {
  let count = 0;
  for (let i = messages.length - 1; i >= 0 && messages[i].seq > seq; i--) if (!isMine(messages[i])) count++;
  return count;
}
