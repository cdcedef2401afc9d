/**
 * Computes where the unread divider stands. It is fixed when the room is opened and stays there
 * until the reader leaves, whatever is read or arrives later. Pure.
 *
 * @typedef {Pick<import('./room-record.js').RoomRecord, 'messages'|'known'|'older'|'floor'>} RoomRecord
 * @typedef {import('./room-record.js').Message} Message
 */

import { indexOf, isNews } from './list-window.js';

/** The number of history pages to load in search of the first unread message. */
const MOST_PAGES = 10;

export class UnreadDivider {
  #after;
  #isMine;
  /** The seq of the newest message when the room was opened. Later messages are new, not unread. */
  #last = 0;
  #floor = Infinity;
  #pages = 0;
  #landed = false;
  /** @type {Message|null} the first unread message */
  first = null;

  /**
   * @param {{after: number}|null} unread  the reader's read position as a seq; null if there is none
   * @param {(message: Message) => boolean} isMine  the reader's own messages and deleted ones are never unread
   */
  constructor(unread, isMine) {
    this.#after = unread?.after ?? Infinity;
    this.#isMine = isMine;
  }

  /**
   * Looks for the first unread message among the loaded ones.
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
      if (!this.first) this.#after = Infinity; // the rest is by the reader
      return false;
    }
    return !this.#landed && this.#pages < MOST_PAGES;
  }

  /** Counts a request for an older page. Repeated requests for the same page count once. */
  asked({ floor }) {
    if (floor < this.#floor) this.#pages++;
    this.#floor = floor;
  }

  /**
   * Returns the message to scroll to when the room is opened, and null on later calls: the first
   * unread message or, if that is too far up, the oldest one that is loaded.
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

  /** Cancels the landing, because the reader has gone somewhere else. */
  cancel() {
    this.#landed = true;
  }

  #find(messages) {
    for (let i = indexOf(messages, this.#after + 1); i < messages.length && messages[i].seq <= this.#last; i++) {
      if (isNews(messages[i], this.#isMine)) return messages[i];
    }
    return null;
  }
}
