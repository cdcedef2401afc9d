/**
 * Sends the changes to messages, one at a time per room and in order, until the server has made or
 * refused each. No DOM in here. model/changes.js keeps them.
 *
 * After a lost connection nobody knows whether the change in flight was made. It is sent again,
 * unless the message is by then as the change makes it.
 *
 * @typedef {import('../model/room.js').Room} Room
 * @typedef {import('../model/changes.js').Change} Change
 */

import { Changes, commandOf, isMade } from '../model/changes.js';
import { TIMES } from './connection.js';
import { say } from '../lib/words.js';

export class Changing {
  /** @type {Changes|null} null until the user is known */
  changes = null;

  /** @type {{name: string, id?: string}|null} */
  #user = null;
  #command;
  #emit;
  /** @type {Map<Room, {change: Change, timer: number}>} the change in flight of each room */
  #underWay = new Map();
  /** @type {Map<string, number>} the timers of held changes that are not due yet, by id */
  #held = new Map();
  /** @type {Map<string, number>} the changes of other tabs, which send them, and the timers after which this one does */
  #elsewhere = new Map();
  #roomOf;

  /**
   * @param {(command: object) => boolean} command  sends a command; false if there is no connection
   * @param {(slug: string) => Room|undefined} roomOf
   * @param {(event: 'changes'|'refusal', detail: object) => void} emit  see ChatSocket
   */
  constructor(command, roomOf, emit) {
    this.#command = command;
    this.#roomOf = roomOf;
    this.#emit = emit;
  }

  /** Loads the changes of a user. Held ones can be undone for the whole time again. @param {{name: string, id?: string}} user */
  setUser(user) {
    const same = this.#user?.name === user.name;
    this.#user = user;
    if (same) for (const id of this.#elsewhere.keys()) this.#await(id);
    if (same) return;
    this.#forget();
    this.changes = new Changes(user.name);
    for (const slug of this.changes.rooms) for (const change of this.changes.in(slug)) this.#hold(change);
  }

  /**
   * Adds a change, and sends it as soon as possible; a held one after TIMES.undo.
   *
   * @param {Room} room
   * @param {import('../model/room-record.js').Message} message
   * @param {Parameters<Changes['add']>[2]} what
   * @returns {Change}
   */
  add(room, message, what) {
    const change = this.changes.add(room.slug, message, what);
    this.#hold(change);
    this.#changed(room);
    return change;
  }

  /** Takes a change back that was not sent. @param {Room} room  @param {string} id */
  withdraw(room, id) {
    this.#drop(id);
    this.changes.remove(id);
    this.#changed(room);
  }

  /** Sends an edit that was open, or refused before. @param {Room} room  @param {string} id  @param {{rev: number, text: string}} what */
  submit(room, id, what) {
    this.changes.set(id, { ...what, state: 'waiting', why: '' });
    this.#changed(room);
  }

  /**
   * Shows what another tab of the user did. That tab sends it; if it was closed, this one does.
   *
   * @param {string|null} key  of the storage event
   */
  changedElsewhere(key) {
    const { change, isNew } = this.changes?.changedElsewhere(key) ?? {};
    if (!change) return;
    const { id, room } = change;
    if (!this.changes.get(id)) this.#drop(id);
    else if (isNew) this.#await(id);
    this.#emit('changes', { room });
  }

  /** Sends what is still held, because the page is being closed. */
  flush() {
    const due = [...this.#held.keys()];
    const rooms = due.map((id) => this.#roomOf(this.changes.get(id)?.room ?? ''));
    for (const id of due) this.#drop(id);
    for (const room of rooms) if (room) this.next(room);
  }

  /** Sends the next change of a room, unless one is in flight. @param {Room} room */
  next(room) {
    if (!room.here || this.#underWay.has(room)) return;
    const change = this.changes.in(room.slug).find(({ id, state }) => !this.#elsewhere.has(id) && (state === 'waiting' || (state === 'held' && !this.#held.has(id))));
    if (!change) return;
    const message = room.record.messages.find(({ seq }) => seq === change.seq);
    if (message && isMade(change, message, this.#user)) this.#made(room, change);
    else if (this.#command(commandOf(change))) {
      this.changes.set(change.id, { state: 'waiting' }); // too late to undo
      const timer = setTimeout(() => this.refused(room, { ...change, code: 'unanswered' }, say('changes.noAnswer')), TIMES.ack);
      this.#underWay.set(room, { change, timer });
    }
  }

  /** Handles an ack, which follows the changed message. @param {Room} room  @param {{cmd: string, seq: number}} ack */
  acknowledged(room, ack) {
    const { change } = this.#underWay.get(room) ?? {};
    if (change && answers(ack, change)) this.#made(room, change);
  }

  /**
   * Handles an error. Everything but an edit is taken back; the text of an edit is kept.
   *
   * @param {Room} room
   * @param {{cmd: string, seq: number, code: string}} error
   * @param {string} why  a sentence
   */
  refused(room, error, why) {
    const { change } = this.#underWay.get(room) ?? {};
    if (!change || !answers(error, change)) return;
    const { code } = error;
    this.#settle(room);
    const stays = change.cmd === 'edit' && code !== 'gone';
    if (stays) this.changes.set(change.id, { state: 'failed', why });
    else this.changes.remove(change.id);
    if (!stays) this.#emit('refusal', { room: room.slug, change, code, why });
    this.#changed(room);
  }

  /** Handles a rate limit: the change is sent again after the given time. @param {Room} room  @param {{cmd: string, seq: number, retry_after: number}} error */
  later(room, error) {
    const sent = this.#underWay.get(room);
    if (!sent || !answers(error, sent.change)) return;
    clearTimeout(sent.timer);
    sent.timer = setTimeout(() => {
      this.#settle(room);
      this.next(room);
    }, 1000 * error.retry_after);
  }

  /** Handles a lost connection or a left room: the change in flight is queued again. @param {Room} room */
  lost(room) {
    this.#settle(room);
  }

  #hold({ id, room: slug, state }) {
    if (state !== 'held') return;
    const due = () => {
      this.#held.delete(id);
      const room = this.#roomOf(slug);
      if (room) this.#changed(room);
    };
    this.#held.set(id, setTimeout(due, TIMES.undo));
  }

  #forget() {
    for (const id of [...this.#held.keys(), ...this.#elsewhere.keys()]) this.#drop(id);
  }

  #drop(id) {
    for (const timers of [this.#held, this.#elsewhere]) {
      clearTimeout(timers.get(id));
      timers.delete(id);
    }
  }

  // Leaves a change of another tab to it for as long as it takes to undo it and to get an answer.
  #await(id) {
    clearTimeout(this.#elsewhere.get(id));
    this.#elsewhere.set(id, setTimeout(() => {
      const room = this.#roomOf(this.changes.get(id)?.room ?? '');
      if (!room?.here) return; // as long again when it is back
      this.#elsewhere.delete(id);
      this.#changed(room);
    }, TIMES.undo + TIMES.ack));
  }

  #made(room, { id }) {
    this.changes.remove(id);
    this.#settle(room);
    this.#changed(room);
  }

  #settle(room) {
    clearTimeout(this.#underWay.get(room)?.timer);
    this.#underWay.delete(room);
  }

  #changed(room) {
    this.next(room);
    this.#emit('changes', { room: room.slug });
  }
}

// Reports whether an ack or an error is about a change.
const answers = ({ cmd, seq }, change) => cmd === change.cmd && seq === change.seq;
