/**
 * The rooms that one connection is in, and which of them are left when there are too many. No
 * DOM in here. How a room is followed is room-sync.js.
 *
 * @typedef {import('../model/room.js').Room} Room
 * @typedef {import('../model/room.js').KeptRoom} KeptRoom
 */

import { newRoom } from '../model/room.js';
import { MOST_ROOMS } from '../model/visited-rooms.js';

export class JoinedRooms {
  #command;
  #sync;
  #sending;
  /** @type {Map<string, Room>} the one looked at last is the last */
  #rooms = new Map();

  /**
   * @param {(command: object) => boolean} command  sends it; false if there is no connection
   * @param {import('./room-sync.js').RoomSync} sync
   * @param {import('./sending.js').Sending} sending
   */
  constructor(command, sync, sending) {
    this.#command = command;
    this.#sync = sync;
    this.#sending = sending;
  }

  /** @param {string} slug  @returns {Room|undefined} */
  get(slug) {
    return this.#rooms.get(slug);
  }

  /** @returns {string[]} the one looked at last is the last */
  get slugs() {
    return [...this.#rooms.keys()];
  }

  /** @returns {Room[]} */
  get all() {
    return [...this.#rooms.values()];
  }

  /**
   * Takes what is known of a room before any connection. Then only what changed since is asked for.
   *
   * @param {string} slug
   * @param {{epoch: string, rev: number, messages: import('../model/room-record.js').Message[]}} page  its newest
   */
  begin(slug, { epoch, rev, messages }) {
    const room = newRoom(slug);
    room.record.begin({ rev, messages });
    room.epoch = epoch;
    this.#rooms.set(slug, room);
  }

  /** @param {string} slug  @param {KeptRoom} kept  what an earlier page knew of it */
  restore(slug, kept) {
    const room = this.#rooms.get(slug);
    if (room) this.#sync.restore(room, kept);
  }

  /**
   * Enters a room, and stays. The rooms looked at longest ago are left.
   *
   * @param {string} slug
   * @param {Set<string>} kept  slugs of rooms that are not left: something waits there to be sent
   * @returns {Room}
   */
  enter(slug, kept) {
    const room = this.#rooms.get(slug) ?? newRoom(slug);
    this.#rooms.delete(slug);
    this.#rooms.set(slug, room);
    if (!room.here) this.#sync.join(room);
    for (const other of this.slugs) {
      if (this.#rooms.size <= MOST_ROOMS) break;
      if (!kept.has(other)) this.leave(other);
    }
    return room;
  }

  /**
   * Stays in more rooms, to hear what is said there, as far as there is place.
   *
   * @param {string[]} slugs  the one that matters most is the last
   */
  attend(slugs) {
    for (const slug of [...slugs].reverse()) {
      if (this.#rooms.size < MOST_ROOMS && !this.#rooms.has(slug)) this.#sync.join(this.#addFirst(slug));
    }
  }

  /** Rooms to be joined with the next connection, however many there are. @param {Iterable<string>} slugs */
  need(slugs) {
    for (const slug of slugs) if (!this.#rooms.has(slug)) this.#addFirst(slug);
  }

  /** @param {string} slug */
  leave(slug) {
    const room = this.#rooms.get(slug);
    if (!room) return;
    this.#cut(room);
    this.#rooms.delete(slug);
    this.#command({ cmd: 'leave', room: slug });
  }

  /** There is a connection: all of them are joined. */
  joinAll() {
    for (const room of this.#rooms.values()) this.#sync.join(room);
  }

  /** The connection is gone. @param {string} blamed  a sentence if the draft that was under way is to blame: it is not sent again */
  cutAll(blamed) {
    for (const room of this.#rooms.values()) this.#cut(room, blamed);
  }

  #addFirst(slug) {
    const room = newRoom(slug);
    this.#rooms = new Map([[slug, room], ...this.#rooms]);
    return room;
  }

  // What was asked will not be answered, what was sent is sent again.
  #cut(room, blamed = '') {
    this.#sending.cut(room, blamed);
    this.#sync.cut(room);
  }
}
