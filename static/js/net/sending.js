/**
 * Drafts on their way to the server. One of a room is under way at a time, so that they cannot
 * overtake each other; each is sent until it is stored, or until it is clear that it never will
 * be. Whatever comes of it is kept in the outbox. No DOM in here.
 *
 * @typedef {import('../model/room.js').Room} Room
 */

import { TIMES } from './connection.js';
import { Outbox } from '../model/outbox.js';
import { say } from '../lib/words.js';

export class Sending {
  /** @type {Outbox|null} of who we are; null until that is known */
  outbox = null;

  #user = '';
  #command;
  #changed;
  /** @type {Map<Room, {id: string, timer: number}>} the draft of each room that is under way */
  #underWay = new Map();

  /**
   * @param {(command: object) => boolean} command  sends it; false if there is no connection
   * @param {(slug: string) => void} changed        called when other drafts than before wait or failed there
   */
  constructor(command, changed) {
    this.#command = command;
    this.#changed = changed;
  }

  /**
   * Who we are, with what we have written and not sent. What was stored after all is a message.
   *
   * @param {string} user
   * @param {Iterable<Room>} rooms
   */
  bear(user, rooms) {
    if (this.#user === user) return;
    this.#user = user;
    this.outbox = new Outbox(user);
    for (const { record } of rooms) for (const { id } of record.messages) this.outbox.remove(id);
  }

  /** @param {string} id  of a draft that failed: it is sent again, as the same message */
  retry(id) {
    const draft = this.outbox.get(id);
    if (!draft?.failed || draft.final) return;
    this.outbox.retry(id);
    this.#changed(draft.room);
  }

  /** @param {string} id  of a draft that nobody wants to send any more */
  discard(id) {
    const draft = this.outbox.remove(id);
    if (draft) this.#changed(draft.room);
  }

  /** Sends what is next in a room, if nothing is under way. @param {Room} room */
  next(room) {
    if (!room.here || this.#underWay.has(room)) return;
    const draft = this.outbox.next(room.slug);
    if (!draft || !this.#command({ cmd: 'send', room: room.slug, id: draft.id, text: draft.text })) return;
    const timer = setTimeout(() => this.failed(room, draft.id, say('outbox.noAnswer'), false), TIMES.ack);
    this.#underWay.set(room, { id: draft.id, timer });
  }

  /**
   * The server has stored one. Said before already: what was stored then counts.
   *
   * @param {Room} room
   * @param {{id: string, seq: number, rev: number}} ack
   */
  acknowledged(room, { id, seq, rev }) {
    const draft = this.outbox.get(id);
    // Its message may still be on its way to us: until then this stands for it.
    if (draft && seq > room.record.last) {
      room.record.put({ id, seq, rev, from: this.#user, text: draft.text, at: new Date(draft.at).toISOString() });
    }
    this.stored(room, [{ id }]);
  }

  /**
   * What are messages are drafts no longer.
   *
   * @param {Room} room
   * @param {{id: string}[]} messages  of anybody
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
   * @param {Room} room
   * @param {string} id
   * @param {string} why     a sentence for people
   * @param {boolean} final  whether trying again is of no use
   * @param {boolean} [editable]  whether it was certainly not stored
   */
  failed(room, id, why, final, editable = final) {
    this.outbox.fail(id, why, final, editable);
    this.#settle(room, id);
    this.#changed(room.slug);
  }

  /**
   * The server asks us to slow down: the draft is sent again when it said, and what was written
   * after it waits.
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
   * The server takes us into no such room: nothing that waits there can be sent.
   *
   * @param {Room} room
   * @param {string} why     a sentence for people
   * @param {boolean} final  whether trying again is of no use
   */
  refused(room, why, final) {
    for (const { id, failed } of this.outbox.in(room.slug)) if (!failed) this.outbox.fail(id, why, final);
    this.#changed(room.slug);
  }

  /**
   * The connection is gone, or we are not in the room any more: what was under way is sent again.
   *
   * @param {Room} room
   * @param {string} [blamed]  a sentence: what was under way is to blame, and is not sent again
   */
  cut(room, blamed = '') {
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
