/**
 * Chooses the part of a room's record that is drawn. The record may hold thousands of messages,
 * the page holds only some: those on the screen, and some above and below. Pure.
 *
 * The edges are stored as seqs, so they stay valid when messages are added or removed elsewhere.
 *
 * @typedef {import('./room-record.js').Message} Message
 */

import { isTombstone } from './tombstones.js';

/** The maximum number of messages to draw on a screen of ordinary height. */
const MOST = 150;

/** The number of messages by which the window moves. */
const STEP = 50;

/** A third of the height of the lowest row, in px. The window spans at least three screens, so visible rows are never dropped. */
const LOWEST = 9;

export class ListWindow {
  #first = 0;
  #last = Infinity;
  #most = MOST;

  /** Whether the whole record is drawn, for printing. The edges are kept for afterwards. */
  whole = false;

  /** Whether the window ends at the newest message and follows newer ones. */
  get atNewest() {
    return this.#last === Infinity;
  }

  /** Adapts the size of the window. @param {number} height  of the visible part, in px */
  fit(height) {
    this.#most = Math.max(MOST, Math.ceil(height / LOWEST));
  }

  /** Moves to the newest message. */
  toNewest() {
    this.#first = 0;
    this.#last = Infinity;
  }

  /**
   * Returns the messages to draw now. A pinned list shows the newest; otherwise nothing that is
   * drawn is dropped, so messages that arrive when the window is full stay outside it.
   *
   * @param {Message[]} messages  of the record
   * @param {boolean} pinned      whether the list follows the newest message
   * @returns {{start: number, end: number}} the range, as for slice
   */
  part(messages, pinned) {
    const { length } = messages;
    if (this.whole) return { start: 0, end: length };
    if (pinned) return this.#keep(messages, Math.max(0, length - this.#most), length);
    const start = Math.min(indexOf(messages, this.#first), Math.max(0, length - 1));
    const end = this.atNewest ? length : indexOf(messages, this.#last + 1);
    return this.#keep(messages, start, Math.min(end > start ? end : length, start + this.#most));
  }

  /** Extends the window upwards, and drops messages below. @returns {boolean} false if the record begins there */
  up(messages) {
    const { start, end } = this.part(messages, false);
    const up = Math.max(0, start - STEP);
    this.#keep(messages, up, Math.min(end, up + this.#most));
    return up < start;
  }

  /** Extends the window downwards, and drops messages above. @returns {boolean} false if the newest is drawn already */
  down(messages) {
    const { start, end } = this.part(messages, false);
    const down = Math.min(messages.length, end + STEP);
    this.#keep(messages, Math.max(start, down - this.#most), down);
    return down > end;
  }

  /** Moves to a message, with some messages above it and more below. @param {number} seq */
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
 * @returns {number} the index of the first message with this seq or a later one
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
 * @param {Message} message
 * @param {(message: Message) => boolean} isMine
 * @returns {boolean} whether there is something in it for the reader to read
 */
export const isNews = (message, isMine) => !isTombstone(message) && !isMine(message);

/**
 * @param {Message[]} messages
 * @param {number} seq
 * @param {(message: Message) => boolean} isMine
 * @returns {number} how many messages by others follow the seq; deleted ones do not count
 */
export function countAfter(messages, seq, isMine) {
  let count = 0;
  for (let i = messages.length - 1; i >= 0 && messages[i].seq > seq; i--) if (isNews(messages[i], isMine)) count++;
  return count;
}
