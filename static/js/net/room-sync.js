/**
 * Comes into rooms and stays up to date there: what was missed is asked for, page by page, until
 * we hear what is said now. No DOM in here. The order in which it is put together is
 * room-record.js.
 *
 * @typedef {import('../model/room.js').Room} Room
 * @typedef {import('../model/room-record.js').Message} Message
 * @typedef {import('../model/room-record.js').Page} Page
 */

import { Backoff } from '../lib/backoff.js';
import { isPassing } from './command-errors.js';
import { TIMES } from './connection.js';
import { GAP, TAKEN } from '../model/room-record.js';

/** So many pages are read to come back to a room; beyond it the newest one is quicker. */
const MOST_PAGES = 10;

export class RoomSync {
  /** Of the server, as it is on this connection. */
  epoch = '';

  #command;
  #sending;
  #tell;
  #again = new Backoff();

  /**
   * @param {(command: object) => boolean} command  sends it; false if there is no connection
   * @param {import('./sending.js').Sending} sending
   * @param {(event: 'room'|'message', detail: object) => void} tell  see ChatSocket
   */
  constructor(command, sending, tell) {
    this.#command = command;
    this.#sending = sending;
    this.#tell = tell;
  }

  /** Enters a room, or comes back to where we were in it. Once: until the answer nothing is asked again. @param {Room} room */
  join(room) {
    if (room.asked) return;
    const { record } = room;
    const command = { cmd: 'join', room: room.slug };
    // Nothing is known, or too much has happened: the newest page.
    room.fresh = record.last === 0 || room.pages >= MOST_PAGES;
    // With the epoch of what we have, not of the server as it is now: it sees whether they fit.
    if (!room.fresh) Object.assign(command, { since: record.last, epoch: room.epoch, ...(record.lastId && { id: record.lastId }) });
    room.asked = this.#command(command);
  }

  /** What an earlier page knew, unless as much is known already. @param {Room} room  @param {import('../model/room.js').KeptRoom} kept */
  restore(room, { epoch, rev, title, messages }) {
    if (room.here || room.asked || (room.record.known && room.record.last >= rev)) return;
    room.record.begin({ rev, messages });
    Object.assign(room, { epoch, title });
    this.#sending.stored(room, messages);
    this.#tell('room', { room: room.slug, reset: true, kept: true });
  }

  /** The answer to a join. @param {Room} room  @param {any} event */
  page(room, event) {
    if (!room.asked) return;
    room.asked = false;
    const reset = room.fresh || event.reset === true;
    if (reset) {
      room.record.begin(event);
      room.epoch = this.epoch;
    } else if (room.record.cover(event) === GAP) {
      this.join(room);
      return;
    }
    this.#again.reset();
    room.title = event.title;
    room.members.begin(event, performance.now());
    this.#sending.stored(room, event.messages);
    room.pages = event.more ? room.pages + 1 : 0;
    if (event.more) this.join(room);
    else room.here = true;
    this.#tell('room', { room: room.slug, reset });
    this.#sending.next(room);
  }

  /** There is no answer. @param {Room} room  @param {string} code  why */
  refused(room, code) {
    room.asked = false;
    if (isPassing(code)) room.again = setTimeout(() => this.join(room), this.#again.next(TIMES.goingAway));
  }

  /** @param {Room} room  @param {Page} page  @returns {boolean} whether it was new */
  cover(room, page) {
    const became = room.record.cover(page);
    this.#sending.stored(room, page.messages);
    if (became === GAP) this.join(room);
    if (became === TAKEN) this.#tell('room', { room: room.slug, reset: false });
    return became === TAKEN;
  }

  /** @param {Room} room  @param {Message} message  said, or changed */
  message(room, message) {
    const { seq, rev } = message;
    if (this.cover(room, { since: rev - 1, rev, messages: [message] }) && seq === rev) {
      this.#tell('message', { room: room.slug, message });
    }
  }

  /** @param {Room} room  @param {any} event  what was said before */
  reachBack(room, event) {
    room.reaching = false;
    if (!room.record.reachBack(event)) return;
    this.#sending.stored(room, event.messages);
    this.#tell('room', { room: room.slug, reset: false, older: true });
  }

  /** The last event may be the one that was lost: no gap would ever show it. @param {Room} room  @param {number} rev  as the server has it */
  compare(room, rev) {
    if (room.here && rev > room.record.last) this.join(room);
  }

  /** The connection is gone, or we have left: what was asked will not be answered. @param {Room} room */
  cut(room) {
    clearTimeout(room.again);
    room.here = room.asked = room.reaching = false;
    room.pages = 0;
  }
}
