/**
 * Sends drafts to the server, one at a time per room so that they cannot overtake each other.
 * Each draft is sent until it is stored or has failed for good, and the outbox keeps its state.
 * No DOM in here.
 *
 * @typedef {import('../model/room.js').Room} Room
 */

import { TIMES } from './connection.js';
import { Outbox } from '../model/outbox.js';
import { say } from '../lib/words.js';

export class Sending {
  /** @type {Outbox|null} the user's outbox; null until the user is known */
  outbox = null;

  #user = '';
  #command;
  #changed;
  /** @type {Map<Room, {id: string, timer: number}>} the draft in flight of each room */
  #underWay = new Map();

  /**
   * @param {(command: object) => boolean} command  sends a command; false if there is no connection
   * @param {(slug: string) => void} changed        called when the waiting or failed drafts of a room change
   */
  constructor(command, changed) {
    this.#command = command;
    this.#changed = changed;
  }

  /**
   * Loads the user's outbox. Drafts that turn out to be stored are removed.
   *
   * @param {string} user
   * @param {Iterable<Room>} rooms
   */
  setUser(user, rooms) {
    if (this.#user === user) return;
    this.#user = user;
    this.outbox = new Outbox(user);
    for (const { record } of rooms) for (const { id } of record.messages) this.outbox.remove(id);
  }

  /** @param {string} id  of a failed draft, which is sent again as the same message */
  retry(id) {
    const draft = this.outbox.get(id);
    if (!draft?.failed || draft.final) return;
    this.outbox.retry(id);
    this.#changed(draft.room);
  }

  /** @param {string} id  of a draft to delete without sending it */
  discard(id) {
    const draft = this.outbox.remove(id);
    if (draft) this.#changed(draft.room);
  }

  /** Sends the next draft of a room, unless one is in flight. @param {Room} room */
  next(room) {
    if (!room.here || this.#underWay.has(room)) return;
    const draft = this.outbox.next(room.slug);
    if (!draft || !this.#command({ cmd: 'send', room: room.slug, id: draft.id, text: draft.text, ...(draft.reply && { reply_to: draft.reply }), ...(draft.thread && { thread: draft.thread }) })) return;
    const timer = setTimeout(() => this.failed(room, draft.id, say('outbox.noAnswer'), false), TIMES.ack);
    this.#underWay.set(room, { id: draft.id, timer });
  }

  /**
   * Handles an acknowledgement. If the message had been stored before, the stored one counts.
   *
   * @param {Room} room
   * @param {{id: string, seq: number, rev: number}} ack
   */
  acknowledged(room, { id, seq, rev }) {
    const draft = this.outbox.get(id);
    // The message event may still be on its way; until it arrives, this stands in for it.
    if (draft && seq > room.record.last) {
      room.record.put({ id, seq, rev, from: this.#user, text: draft.text, at: new Date(draft.at).toISOString(), ...(draft.thread && { thread: { root: draft.thread } }) });
    }
    this.stored(room, [{ id }]);
  }

  /**
   * Removes drafts that have become messages.
   *
   * @param {Room} room
   * @param {{id: string}[]} messages  by any author
   */
  stored(room, messages) {
    let any = false;
    for (const { id } of messages) {
      any = Boolean(this.outbox.remove(id)) || any;
      this.#settle(room, id);
    }
    if (any) this.#changed(room.slug);
    else this.next(room);
  }

  /**
   * Marks a draft as failed.
   *
   * @param {Room} room
   * @param {string} id
   * @param {string} why     a sentence for people
   * @param {boolean} final  whether a retry would fail again
   * @param {boolean} [editable]  whether it was certainly not stored
   */
  failed(room, id, why, final, editable = final) {
    this.outbox.fail(id, why, final, editable);
    this.#settle(room, id);
    this.#changed(room.slug);
  }

  /**
   * Handles a rate limit: the draft is sent again after the given time, and later drafts wait
   * behind it.
   *
   * @param {Room} room
   * @param {string} id
   * @param {number} seconds
   */
  later(room, id, seconds) {
    const sent = this.#underWay.get(room);
    if (sent?.id !== id) return;
    clearTimeout(sent.timer);
    sent.timer = setTimeout(() => {
      this.#settle(room, id);
      this.next(room);
    }, 1000 * seconds);
  }

  /**
   * Handles a refused join: no draft of that room can be sent.
   *
   * @param {Room} room
   * @param {string} why     a sentence for people
   * @param {boolean} final  whether a retry would fail again
   */
  refused(room, why, final) {
    for (const { id, failed } of this.outbox.in(room.slug)) if (!failed) this.outbox.fail(id, why, final);
    this.#changed(room.slug);
  }

  /**
   * Handles a lost connection or a left room: the draft in flight is queued again.
   *
   * @param {Room} room
   * @param {string} [blamed]  a sentence if the draft in flight caused it, and must not be sent again
   */
  lost(room, blamed = '') {
    const { id = '' } = this.#underWay.get(room) ?? {};
    if (blamed && id) this.outbox.fail(id, blamed, true);
    this.#settle(room, id);
  }

  #settle(room, id) {
    const sent = this.#underWay.get(room);
    if (sent?.id !== id) return;
    clearTimeout(sent.timer);
    this.#underWay.delete(room);
  }
}
