/**
 * Where what is unread begins, as it was when the room was entered: the divider stands there as
 * long as one stays, whatever is read or comes meanwhile. Pure.
 *
 * @typedef {import('./room-record.js').RoomRecord} RoomRecord
 * @typedef {import('./room-record.js').Message} Message
 */

import { indexOf } from './list-window.js';

/** So many pages of history are read to find it. */
const MOST_PAGES = 10;

export class UnreadDivider {
  #after;
  #isMine;
  /** The seq of the newest message on entry: what comes later is news, and no unread. */
  #last = 0;
  #floor = Infinity;
  #pages = 0;
  #landed = false;
  /** @type {Message|null} the first that is unread */
  first = null;

  /**
   * @param {{after: number}|null} unread  the seq up to which the room was read; null if there is nothing to say
   * @param {(message: Message) => boolean} isMine  what I said is not unread
   */
  constructor(unread, isMine) {
    this.#after = unread?.after ?? Infinity;
    this.#isMine = isMine;
  }

  /**
   * Looks for it in what is known.
   *
   * @param {RoomRecord} record
   * @returns {boolean} true if an older page is needed
   */
  seek(record) {
    if (!record.known || this.first) return false;
    this.#last ||= record.messages.at(-1)?.seq ?? 0;
    if (this.#after >= this.#last) return false;
    if (record.floor <= this.#after + 1 || !record.older) {
      this.first = this.#find(record.messages);
      if (!this.first) this.#after = Infinity; // all of it is mine
      return false;
    }
    return !this.#landed && this.#pages < MOST_PAGES;
  }

  /** An older page was asked for. Counted once, however often it is. */
  asked({ floor }) {
    if (floor < this.#floor) this.#pages++;
    this.#floor = floor;
  }

  /**
   * Where the reader is led to on entry, once: to what is unread, or, if that begins too far
   * above, to the oldest message that is known.
   *
   * @param {RoomRecord} record
   * @returns {Message|null}
   */
  landing(record) {
    if (this.#landed || !record.known || this.seek(record)) return null;
    this.#landed = true;
    if (this.first) return this.first;
    return this.#after < this.#last ? record.messages[0] : null;
  }

  /** Whoever goes somewhere is not led anywhere else. */
  cancel() {
    this.#landed = true;
  }

  #find(messages) {
    for (let i = indexOf(messages, this.#after + 1); i < messages.length && messages[i].seq <= this.#last; i++) {
      if (!this.#isMine(messages[i])) return messages[i];
    }
    return null;
  }
}
