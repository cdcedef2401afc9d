/**
 * The reference client of chat.v1: one connection, several rooms. It promises that each message
 * is sent once and in order, and that every room is shown completely, whatever happens to the
 * connection. No DOM in here. docs/protocol.md describes the protocol. Parts with a job of their
 * own have files of their own: connection.js (reconnecting), joined-rooms.js (subscriptions),
 * room-sync.js and room-record.js (catching up, and the ordering rule), sending.js and outbox.js
 * (drafts), changing.js and changes.js (changes to messages), and members.js (presence).
 *
 * Events:
 *   state     the connection changed: see connection.js
 *   refused   detail: { errors, suggestion, another } of check.js. The server refuses this person; there is no retry
 *   room      detail: { room, reset, older, kept }: a room's record, title, or member list changed.
 *             reset: the record was replaced; older: older messages arrived; kept: it comes from an
 *             earlier page; messages: the new and changed ones
 *   renamed   detail: { room }: a room has another address or title
 *   message   detail: { room, message }: a new message
 *   drafts    detail: { room }: the waiting or failed drafts of a room changed
 *   changes   detail: { room }: the changes to messages that are not made yet changed
 *   refusal   detail: { room, change, code, why }: a change was taken back
 *   presence  detail: { room, joined, left }: names to announce
 *   typing    detail: { room, from }
 *   rooms     detail: { rooms, more, after }: a page of the list of rooms
 *   trouble   detail: { room, cmd, message }: a sentence about a command that failed
 *
 * @typedef {import('../model/room.js').Room} Room
 * @typedef {import('../model/room.js').KeptRoom} KeptRoom
 */

import { Changing } from './changing.js';
import { isEditable, isFinal, isPassing, sentenceOf } from './command-errors.js';
import { Connection, LEAVES } from './connection.js';
import { Details, DETAILS } from './details.js';
import { RoomSync } from './room-sync.js';
import { JoinedRooms } from './joined-rooms.js';
import { Sending } from './sending.js';

/** The minimum interval between `typing` commands, in ms. */
const TYPING = 2_000;

/** The commands of changing.js. */
const CHANGES = new Set(['edit', 'delete', 'react', 'pin']);

export class ChatSocket extends EventTarget {
  /** @type {{name: string, age?: number, id?: string}|null} the user, as the server writes it */
  user = null;

  /** @type {Connection} */
  #connection;
  #command = (command) => this.#connection.command(command);
  #sending = new Sending(this.#command, (slug) => this.#draftsChanged(slug));
  #changing = new Changing(this.#command, (slug) => this.#rooms.get(slug), (event, detail) => this.#emit(event, detail));
  #sync = new RoomSync(this.#command, this.#sending, this.#changing, (event, detail) => this.#emit(event, detail));
  #rooms = new JoinedRooms(this.#command, this.#sync, this.#sending, this.#changing);
  #details = new Details(this.#command);
  #listing = '';

  /**
   * @param {string} url  the base of /chat/{name}, such as ws://localhost:9090
   * @param {(who: {name: string, age: string|number}) => Promise<import('./check.js').Answer|null>} check
   */
  constructor(url, check) {
    super();
    this.#connection = new Connection(url, check);
    const on = (event, act) => this.#connection.addEventListener(event, ({ detail }) => act(detail));
    on('welcome', (event) => this.#welcome(event));
    on('state', () => this.#stands());
    on('received', (event) => this.#receive(event));
    on('lost', ({ blamed }) => {
      this.#details.lost();
      this.#rooms.lostAll(blamed);
    });
    on('refused', (answer) => this.#emit('refused', answer));
  }

  get state() { return this.#connection.state; }
  /** The connection, to read its state. */
  get connection() { return this.#connection; }

  /** @returns {import('../model/outbox.js').Outbox|null} the waiting and failed drafts; null until the user is known */
  get outbox() { return this.#sending.outbox; }

  /** @returns {Changing} the changes to messages that are not made yet */
  get changing() { return this.#changing; }

  /**
   * @param {{name: string, age: string|number, id?: string}} who  as /check answered, or from an earlier page
   * @param {boolean} [returning]  whether the server accepted them on an earlier page
   */
  connect(who, returning = false) {
    this.#setUser({ name: who.name, ...(who.age && { age: Number(who.age) }), ...(who.id && { id: who.id }) });
    this.#connection.connect(who, returning);
  }

  /**
   * Sets the record of a room before the first connection, for example from the server-side render.
   * Then only later changes are requested.
   *
   * @param {string} slug
   * @param {{epoch: string, rev: number, messages: import('../model/room-record.js').Message[]}} page  its newest
   */
  begin(slug, page) {
    this.#rooms.begin(slug, page);
  }

  /** Shows what an earlier page kept of a room, until the server sends more. @param {string} slug  @param {KeptRoom} kept */
  restore(slug, kept) {
    this.#rooms.restore(slug, kept);
  }

  /** @see Connection.disconnect */
  disconnect(code = LEAVES) {
    this.#connection.disconnect(code);
  }

  /** Retries or pings at once, because the network is back, the page became visible, or the reader asked. */
  wake() {
    this.#connection.wake();
  }

  // Rooms

  /**
   * Joins a room and stays subscribed. Leaves the rooms that were viewed least recently, except
   * those with unsent drafts.
   *
   * @param {string} slug
   * @returns {Room}
   */
  enter(slug) {
    return this.#rooms.enter(slug, new Set([...this.outbox?.rooms ?? [], ...this.#changing.changes?.rooms ?? []]));
  }

  /**
   * Joins further rooms to receive their messages, up to the limit.
   *
   * @param {string[]} slugs  the most important comes last
   */
  attend(slugs) {
    this.#rooms.attend(slugs);
  }

  /** @param {string} slug */
  leave(slug) {
    this.#rooms.leave(slug);
  }

  /** @returns {Room|undefined} */
  room(slug) {
    return this.#rooms.get(slug);
  }

  /** @returns {string[]} the rooms of this connection */
  get rooms() {
    return this.#rooms.slugs;
  }

  /**
   * Requests older messages, unless a request is pending.
   *
   * @param {string} slug
   * @returns {boolean} whether a request was sent
   */
  history(slug) {
    const room = this.#rooms.get(slug);
    if (!room?.here || room.reaching || !room.record.older) return false;
    room.reaching = this.#command({ cmd: 'history', room: slug, before: room.record.floor });
    return room.reaching;
  }

  /**
   * Requests a page of the list of rooms.
   *
   * @param {string} after  a slug, '' for the first page
   */
  list(after = '') {
    this.#listing = after;
    this.#command({ cmd: 'rooms', after, prefix: '' });
  }

  /** Requests the earlier texts of a message, a page of a thread, or the pinned messages of a room. @see Details.ask */
  ask(command) {
    return this.#details.ask(command);
  }

  // Messages

  /**
   * Saves a message in the outbox, and sends it as soon as possible.
   *
   * @param {string} slug  a room that was joined
   * @param {string} text
   * @param {number} [reply]   the seq of the message that it replies to; 0 for none
   * @param {number} [thread]  the seq of the root of its thread; 0 for none
   */
  send(slug, text, reply = 0, thread = 0) {
    this.outbox.add(slug, text, reply, thread);
    const room = this.#rooms.get(slug);
    if (room) room.typedAt = -Infinity; // the message clears the typing notice of others, so the next key must send it again
    this.#draftsChanged(slug);
  }

  /** @param {string} id  of a failed draft, which is sent again as the same message */
  retry(id) {
    this.#sending.retry(id);
  }

  /** @param {string} id  of a draft to delete without sending it */
  discard(id) {
    this.#sending.discard(id);
  }

  /** Sends a typing notice at most once per interval, by a monotonic clock. @param {string} slug */
  typing(slug) {
    const room = this.#rooms.get(slug);
    if (!room?.here || performance.now() - room.typedAt < TYPING) return;
    room.typedAt = performance.now();
    this.#command({ cmd: 'typing', room: slug });
  }

  // Events from the server

  #receive(event) {
    const handle = this.#handlers[event.event];
    const room = this.#rooms.get(event.room);
    if (DETAILS.has(event.event)) this.#details.answered(event);
    // Ignore events of other protocol versions, and of rooms that were left.
    if (handle && (room || !event.room)) handle(event, room);
  }

  #handlers = {
    room: (event, room) => this.#sync.page(room, event),
    renamed: (event, room) => this.#sync.renamed(room, event),
    changes: (event, room) => this.#sync.cover(room, event),
    message: (event, room) => this.#sync.message(room, event),
    history: (event, room) => this.#sync.reachBack(room, event),
    ack: (event, room) => this.#acknowledged(event, room),
    presence: (event, room) => this.#presence(event, room),
    typing: ({ room, from }) => this.#emit('typing', { room, from }),
    rooms: ({ rooms, more }) => this.#emit('rooms', { rooms, more, after: this.#listing }),
    pong: ({ revs }) => this.#compare(revs),
    error: (event, room) => this.#error(event, room),
  };

  // Everything about the new connection is set before listeners learn that it is up.
  #welcome({ user, epoch }) {
    this.#sync.epoch = epoch;
    this.#setUser(user);
    this.#rooms.need(new Set([...this.outbox.rooms, ...this.#changing.changes.rooms]));
  }

  #setUser(user) {
    this.#sending.setUser(user.name, this.#rooms.all);
    this.#changing.setUser(user);
    this.user = user;
  }

  #stands() {
    this.#emit('state', {});
    if (this.state === 'connected') this.#rooms.joinAll();
  }

  #acknowledged(event, room) {
    if (DETAILS.has(event.cmd)) this.#details.answered(event);
    else (event.cmd ? this.#changing : this.#sending).acknowledged(room, event);
  }

  #presence(event, room) {
    const news = room.members.apply(event, performance.now());
    this.#emit('presence', { room: room.slug, ...news });
  }

  #compare(revs) {
    for (const [slug, rev] of Object.entries(revs)) {
      const room = this.#rooms.get(slug);
      if (room) this.#sync.compare(room, rev);
    }
  }

  #error(error, room) {
    const { cmd, id, code, detail, message: sentence, retry_after: seconds } = error;
    const message = sentenceOf(code, sentence, detail);
    if (cmd === 'send' && id && room && code === 'slow_down') this.#sending.later(room, id, seconds);
    else if (cmd === 'send' && id && room) this.#sending.failed(room, id, message, isFinal(code), isEditable(code, detail));
    if (cmd === 'history' && room) room.reaching = false;
    if (cmd === 'join' && room) this.#sync.refused(room, code);
    if (cmd === 'join' && room && !isPassing(code)) this.#sending.refused(room, message, isFinal(code));
    if (DETAILS.has(cmd)) this.#details.refused(error, message);
    else if (CHANGES.has(cmd) && room && code === 'slow_down') this.#changing.later(room, error);
    else if (CHANGES.has(cmd) && room) this.#changing.refused(room, error, message);
    else if (cmd !== 'send') this.#emit('trouble', { room: room?.slug ?? '', cmd, message });
  }

  #draftsChanged(slug) {
    const room = this.#rooms.get(slug);
    if (room) this.#sending.next(room);
    this.#emit('drafts', { room: slug });
  }

  #emit(event, detail) {
    this.dispatchEvent(new CustomEvent(event, { detail }));
  }
}
