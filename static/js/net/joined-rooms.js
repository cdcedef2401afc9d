/**
 * The rooms that one connection is subscribed to, and which of them to leave when there are too
 * many. No DOM in here. room-sync.js keeps each room up to date.
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
  #changing;
  /** @type {Map<string, Room>} the most recently viewed room comes last */
  #rooms = new Map();

  /**
   * @param {(command: object) => boolean} command  sends a command; false if there is no connection
   * @param {import('./room-sync.js').RoomSync} sync
   * @param {import('./sending.js').Sending} sending
   * @param {import('./changing.js').Changing} changing
   */
  constructor(command, sync, sending, changing) {
    this.#command = command;
    this.#sync = sync;
    this.#sending = sending;
    this.#changing = changing;
  }

  /** @param {string} slug  @returns {Room|undefined} */
  get(slug) {
    return this.#rooms.get(slug);
  }

  /** @returns {string[]} the most recently viewed room comes last */
  get slugs() {
    return [...this.#rooms.keys()];
  }

  /** @returns {Room[]} */
  get all() {
    return [...this.#rooms.values()];
  }

  /**
   * Sets the record of a room before the first connection, so that only later changes are requested.
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

  /** @param {string} slug  @param {KeptRoom} kept  what an earlier page kept of it */
  restore(slug, kept) {
    const room = this.#rooms.get(slug);
    if (room) this.#sync.restore(room, kept);
  }

  /**
   * Joins a room and stays subscribed. Leaves the rooms that were viewed least recently.
   *
   * @param {string} slug
   * @param {Set<string>} kept  slugs of rooms with unsent drafts, which are not left
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
   * Joins further rooms to receive their messages, up to the limit.
   *
   * @param {string[]} slugs  the most important comes last
   */
  attend(slugs) {
    for (const slug of [...slugs].reverse()) {
      if (this.#rooms.size < MOST_ROOMS && !this.#rooms.has(slug)) this.#sync.join(this.#addFirst(slug));
    }
  }

  /** Adds rooms to join on the next connection, without a limit. @param {Iterable<string>} slugs */
  need(slugs) {
    for (const slug of slugs) if (!this.#rooms.has(slug)) this.#addFirst(slug);
  }

  /** @param {string} slug */
  leave(slug) {
    const room = this.#rooms.get(slug);
    if (!room) return;
    this.#lost(room);
    this.#rooms.delete(slug);
    this.#command({ cmd: 'leave', room: slug });
  }

  /** Joins all rooms on a new connection. */
  joinAll() {
    for (const room of this.#rooms.values()) this.#sync.join(room);
  }

  /** Resets all rooms after the connection is lost. @param {string} blamed  a sentence if the draft in flight caused it, and must not be sent again */
  lostAll(blamed) {
    for (const room of this.#rooms.values()) this.#lost(room, blamed);
  }

  #addFirst(slug) {
    const room = newRoom(slug);
    this.#rooms = new Map([[slug, room], ...this.#rooms]);
    return room;
  }

  // Pending requests are forgotten, and drafts in flight are queued again.
  #lost(room, blamed = '') {
    this.#sending.lost(room, blamed);
    this.#changing.lost(room);
    this.#sync.lost(room);
  }
}
