/**
 * The known part of one thread: its root, and the replies in order and without gaps from some seq on.
 * Pure. Messages may come from pages of the thread and from the room's changes; the version with the
 * highest rev wins.
 *
 * @typedef {import('./room-record.js').Message} Message
 */

import { RoomRecord } from './room-record.js';

export class ThreadRecord {
  /** The rev of the room up to which the thread is known; 0 before the first page. */
  rev = 0;
  #seq;
  /** @type {Message|null} */
  #root = null;
  #replies = new RoomRecord();

  /** @param {number} seq  of the root */
  constructor(seq) {
    this.#seq = seq;
  }

  /** The root first, once all replies above the others are known. @returns {Message[]} */
  get messages() {
    const { messages, older } = this.#replies;
    return this.#root && !older ? [this.#root, ...messages] : messages;
  }

  /** @returns {Message|null} */
  get root() { return this.#root; }

  /** Whether there is something to show. */
  get known() { return this.#root !== null && this.#replies.known; }

  /** Whether there are replies above those that are known. */
  get older() { return this.#replies.older; }

  /** The seq from which on the replies are known; 1 for all of them. */
  get floor() { return this.#replies.floor; }

  get last() { return this.#replies.messages.at(-1)?.seq ?? this.#root?.seq ?? 0; }

  /** The list trims what it shows. A thread stays as it is until it is closed. */
  trim() {}

  /** Begins with what a room knows. @param {RoomRecord} room */
  beginWith({ messages, floor, last }) {
    const replies = messages.filter(({ thread }) => thread?.root === this.#seq);
    this.#begin(last, replies, floor > this.#seq);
    for (const message of messages) this.take(message);
    if (this.older) this.#replies.floor = Math.min(this.#replies.floor, floor);
  }

  /** Begins with the newest page. @param {{rev: number, messages: Message[], more: boolean}} page  the root first */
  begin({ rev, messages, more }) {
    this.#begin(rev, messages.filter(({ seq }) => seq !== this.#seq), more);
    for (const message of messages) this.take(message);
    this.rev = rev;
  }

  /** Adds older replies. @param {{before: number, messages: Message[], more: boolean}} page  @returns {boolean} */
  reachBack(page) {
    return this.#replies.reachBack(page);
  }

  /** Takes a message of the room, if it is of this thread. @param {Message} message */
  take(message) {
    if (message.seq === this.#seq) {
      if (message.rev >= (this.#root?.rev ?? 0)) this.#root = message;
    } else if (message.thread?.root === this.#seq) {
      this.#replies.put(message);
    }
  }

  #begin(rev, replies, more) {
    this.#replies.begin({ rev, messages: replies });
    if (!more) this.#replies.floor = 1;
  }
}
