/**
 * Joins rooms and keeps them up to date: requests what was missed, page by page, until the room
 * is live. No DOM in here. room-record.js puts the pages in order.
 *
 * @typedef {import('../model/room.js').Room} Room
 * @typedef {import('../model/room-record.js').Message} Message
 * @typedef {import('../model/room-record.js').Page} Page
 */

import { Backoff } from '../lib/backoff.js';
import { isPassing } from './command-errors.js';
import { TIMES } from './connection.js';
import { learnAddress } from '../model/room-name.js';
import { GAP, TAKEN } from '../model/room-record.js';

/** The number of pages to load in order to catch up; beyond it loading the newest page is quicker. */
const MOST_PAGES = 10;

export class RoomSync {
  /** The server's epoch on this connection. */
  epoch = '';

  #command;
  #sending;
  #changing;
  #emit;
  #again = new Backoff();

  /**
   * @param {(command: object) => boolean} command  sends a command; false if there is no connection
   * @param {import('./sending.js').Sending} sending
   * @param {import('./changing.js').Changing} changing
   * @param {(event: 'room'|'message'|'renamed', detail: object) => void} tell  see ChatSocket
   */
  constructor(command, sending, changing, tell) {
    this.#command = command;
    this.#sending = sending;
    this.#changing = changing;
    this.#emit = tell;
  }

  /** Joins a room, or resumes it where its record ends. Does nothing while a join awaits its answer. @param {Room} room */
  join(room) {
    if (room.asked) return;
    const { record } = room;
    const command = { cmd: 'join', room: room.slug };
    // With an empty record, or after too many changes, request the newest page.
    room.fresh = record.last === 0 || room.pages >= MOST_PAGES;
    // Send the epoch of the record, not the server's current one: the server checks whether they match.
    if (!room.fresh) Object.assign(command, { since: record.last, epoch: room.epoch, ...(record.lastId && { id: record.lastId }) });
    room.asked = this.#command(command);
  }

  /** Fills an empty record with what an earlier page kept. @param {Room} room  @param {import('../model/room.js').KeptRoom} kept */
  restore(room, { epoch, rev, title, messages }) {
    if (room.here || room.asked || (room.record.known && room.record.last >= rev)) return;
    room.record.begin({ rev, messages });
    Object.assign(room, { epoch, title });
    this.#sending.stored(room, messages);
    this.#emit('room', { room: room.slug, reset: true, kept: true });
  }

  /** Handles the answer to a join. @param {Room} room  @param {any} event */
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
    learnAddress(room.slug, event.address);
    room.title = event.title;
    room.members.begin(event, performance.now());
    this.#sending.stored(room, event.messages);
    room.pages = event.more ? room.pages + 1 : 0;
    if (event.more) this.join(room);
    else room.here = true;
    this.#emit('room', { room: room.slug, reset, messages: event.messages });
    this.#sending.next(room);
    this.#changing.next(room);
  }

  /** The room has another address or title. @param {Room} room  @param {{address: string, title: string}} event */
  renamed(room, { address, title }) {
    learnAddress(room.slug, address);
    room.title = title;
    this.#emit('renamed', { room: room.slug });
    this.#emit('room', { room: room.slug, reset: false });
  }

  /** Handles a refused join. @param {Room} room  @param {string} code  of the error */
  refused(room, code) {
    room.asked = false;
    if (isPassing(code)) room.again = setTimeout(() => this.join(room), this.#again.next(TIMES.goingAway));
  }

  /** @param {Room} room  @param {Page} page  @returns {boolean} whether the page was new */
  cover(room, page) {
    const became = room.record.cover(page);
    this.#sending.stored(room, page.messages);
    if (became === GAP) this.join(room);
    if (became === TAKEN) this.#emit('room', { room: room.slug, reset: false, messages: page.messages });
    return became === TAKEN;
  }

  /** @param {Room} room  @param {Message} message  new or changed */
  message(room, message) {
    const { seq, rev } = message;
    if (this.cover(room, { since: rev - 1, rev, messages: [message] }) && seq === rev) {
      this.#emit('message', { room: room.slug, message });
    }
  }

  /** Adds older messages. @param {Room} room  @param {any} event */
  reachBack(room, event) {
    room.reaching = false;
    if (!room.record.reachBack(event)) return;
    this.#sending.stored(room, event.messages);
    this.#emit('room', { room: room.slug, reset: false, older: true });
  }

  /** Compares the record with the server's rev. If the last event was lost, no gap would show it. @param {Room} room  @param {number} rev  the server's */
  compare(room, rev) {
    if (room.here && rev > room.record.last) this.join(room);
  }

  /** Forgets pending requests, because the connection is lost or the room was left. @param {Room} room */
  lost(room) {
    clearTimeout(room.again);
    room.here = room.asked = room.reaching = false;
    room.pages = 0;
  }
}
