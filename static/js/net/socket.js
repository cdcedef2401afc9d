/**
 * The reference client of chat.v1: one connection, several rooms, and a promise. What was
 * written is sent, once and in order, and every room is shown whole, whatever happens to the
 * connection. No DOM in here. docs/protocol.md describes what is spoken; the parts that can be
 * thought of alone have files of their own: connection.js (it comes back), joined-rooms.js (where
 * one is), room-sync.js and room-record.js (what was missed, and the order law), sending.js and
 * outbox.js (drafts) and members.js (presence).
 *
 * Events:
 *   state     the connection changed: see connection.js
 *   refused   detail: { errors, suggestion, another } of check.js. We may not come in; it is not tried again
 *   room      detail: { room, reset, older, kept }: a room's record, title or member list is another.
 *             It begins anew, what was said before and asked for is there, or it is what an earlier
 *             page kept
 *   message   detail: { room, message }: somebody said something just now
 *   drafts    detail: { room }: what waits or failed there
 *   presence  detail: { room, joined, left }: whose coming and going is news
 *   typing    detail: { room, from }
 *   rooms     detail: { rooms, more, after }: a page of the rooms there are
 *   trouble   detail: { room, cmd, message }: a sentence about a command that could not be done
 *
 * @typedef {import('../model/room.js').Room} Room
 * @typedef {import('../model/room.js').KeptRoom} KeptRoom
 */

import { isEditable, isFinal, isPassing, sentenceOf } from './command-errors.js';
import { Connection, LEAVES } from './connection.js';
import { RoomSync } from './room-sync.js';
import { JoinedRooms } from './joined-rooms.js';
import { Sending } from './sending.js';

/** Typing is told at most so often, in ms. */
const TYPING = 2_000;

export class ChatSocket extends EventTarget {
  /** @type {{name: string, age?: number, id?: string}|null} who we are, as the server writes it */
  user = null;

  /** @type {Connection} */
  #connection;
  #command = (command) => this.#connection.command(command);
  #sending = new Sending(this.#command, (slug) => this.#draftsChanged(slug));
  #sync = new RoomSync(this.#command, this.#sending, (event, detail) => this.#tell(event, detail));
  #rooms = new JoinedRooms(this.#command, this.#sync, this.#sending);
  #listing = '';

  /**
   * @param {string} url  where /chat/{name} is, such as ws://localhost:9090
   * @param {(who: {name: string, age: string|number}) => Promise<import('./check.js').Answer|null>} check
   */
  constructor(url, check) {
    super();
    this.#connection = new Connection(url, check);
    const on = (event, act) => this.#connection.addEventListener(event, ({ detail }) => act(detail));
    on('welcome', (event) => this.#welcome(event));
    on('state', () => this.#stands());
    on('heard', (event) => this.#hear(event));
    on('cut', ({ blamed }) => this.#rooms.cutAll(blamed));
    on('refused', (answer) => this.#tell('refused', answer));
  }

  get state() {
    return this.#connection.state;
  }

  /** How the connection stands: to look at. */
  get connection() {
    return this.#connection;
  }

  /** @returns {import('../model/outbox.js').Outbox|null} what waits or failed; null until it is known who we are */
  get outbox() {
    return this.#sending.outbox;
  }

  /**
   * @param {{name: string, age: string|number, id?: string}} who  as /check answered, or as they were before
   * @param {boolean} [returning]  whether the server let them in on an earlier page
   */
  connect(who, returning = false) {
    this.#bear({ name: who.name, ...(who.age && { age: Number(who.age) }), ...(who.id && { id: who.id }) });
    this.#connection.connect(who, returning);
  }

  /**
   * Takes what is known of a room before any connection, such as the first paint of a page. Then
   * only what changed since is asked for.
   *
   * @param {string} slug
   * @param {{epoch: string, rev: number, messages: import('../model/room-record.js').Message[]}} page  its newest
   */
  begin(slug, page) {
    this.#rooms.begin(slug, page);
  }

  /** Shows what an earlier page knew of a room, until the server tells more. @param {string} slug  @param {KeptRoom} kept */
  restore(slug, kept) {
    this.#rooms.restore(slug, kept);
  }

  /** @see Connection.disconnect */
  disconnect(code = LEAVES) {
    this.#connection.disconnect(code);
  }

  /** There is a reason to look now: the network is back, somebody looks at the page, or asks. */
  wake() {
    this.#connection.wake();
  }

  // Rooms

  /**
   * Enters a room, and stays. The rooms looked at longest ago are left, unless something
   * waits there to be sent.
   *
   * @param {string} slug
   * @returns {Room}
   */
  enter(slug) {
    return this.#rooms.enter(slug, this.outbox?.rooms ?? new Set());
  }

  /**
   * Stays in more rooms, to hear what is said there, as far as there is place.
   *
   * @param {string[]} slugs  the one that matters most is the last
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

  /** @returns {string[]} the rooms we are in */
  get rooms() {
    return this.#rooms.slugs;
  }

  /**
   * Asks for what was said before, once at a time.
   *
   * @param {string} slug
   * @returns {boolean} whether it is on its way
   */
  history(slug) {
    const room = this.#rooms.get(slug);
    if (!room?.here || room.reaching || !room.record.older) return false;
    room.reaching = this.#command({ cmd: 'history', room: slug, before: room.record.floor });
    return room.reaching;
  }

  /**
   * Asks for a page of the rooms there are.
   *
   * @param {string} after  a slug, '' for the first page
   */
  list(after = '') {
    this.#listing = after;
    this.#command({ cmd: 'rooms', after, prefix: '' });
  }

  // Messages

  /**
   * Takes a message. It is kept before it is sent, and sent whenever that is possible.
   *
   * @param {string} slug  a room that was entered
   * @param {string} text
   */
  send(slug, text) {
    this.outbox.add(slug, text);
    const room = this.#rooms.get(slug);
    if (room) room.typedAt = -Infinity; // the others forget it with the message: what is written next is told anew
    this.#draftsChanged(slug);
  }

  /** @param {string} id  of a draft that failed: it is sent again, as the same message */
  retry(id) {
    this.#sending.retry(id);
  }

  /** @param {string} id  of a draft that nobody wants to send any more */
  discard(id) {
    this.#sending.discard(id);
  }

  /** Tells the others that something is being written, now and then, by a clock that never goes back. @param {string} slug */
  typing(slug) {
    const room = this.#rooms.get(slug);
    if (!room?.here || performance.now() - room.typedAt < TYPING) return;
    room.typedAt = performance.now();
    this.#command({ cmd: 'typing', room: slug });
  }

  // What is heard

  #hear(event) {
    const handle = this.#handlers[event.event];
    const room = this.#rooms.get(event.room);
    // Events of another version are not ours to know, nor those of rooms we have left.
    if (handle && (room || !event.room)) handle(event, room);
  }

  #handlers = {
    room: (event, room) => this.#sync.page(room, event),
    changes: (event, room) => this.#sync.cover(room, event),
    message: (event, room) => this.#sync.message(room, event),
    history: (event, room) => this.#sync.reachBack(room, event),
    ack: (event, room) => this.#sending.acknowledged(room, event),
    presence: (event, room) => this.#presence(event, room),
    typing: ({ room, from }) => this.#tell('typing', { room, from }),
    rooms: ({ rooms, more }) => this.#tell('rooms', { rooms, more, after: this.#listing }),
    pong: ({ revs }) => this.#compare(revs),
    error: (event, room) => this.#error(event, room),
  };

  // Before anybody is told that the connection stands, all that it stands for is known.
  #welcome({ user, epoch }) {
    this.#sync.epoch = epoch;
    this.#bear(user);
    this.#rooms.need(this.outbox.rooms);
  }

  #bear(user) {
    this.#sending.bear(user.name, this.#rooms.all);
    this.user = user;
  }

  #stands() {
    this.#tell('state', {});
    if (this.state === 'connected') this.#rooms.joinAll();
  }

  #presence(event, room) {
    const news = room.members.apply(event, performance.now());
    this.#tell('presence', { room: room.slug, ...news });
  }

  #compare(revs) {
    for (const [slug, rev] of Object.entries(revs)) {
      const room = this.#rooms.get(slug);
      if (room) this.#sync.compare(room, rev);
    }
  }

  #error({ cmd, id, code, detail, message: sentence, retry_after: seconds }, room) {
    const message = sentenceOf(code, sentence, detail);
    if (cmd === 'send' && id && room && code === 'slow_down') this.#sending.later(room, id, seconds);
    else if (cmd === 'send' && id && room) this.#sending.failed(room, id, message, isFinal(code), isEditable(code, detail));
    if (cmd === 'history' && room) room.reaching = false;
    if (cmd === 'join' && room) this.#sync.refused(room, code);
    if (cmd === 'join' && room && !isPassing(code)) this.#sending.refused(room, message, isFinal(code));
    if (cmd !== 'send') this.#tell('trouble', { room: room?.slug ?? '', cmd, message });
  }

  #draftsChanged(slug) {
    const room = this.#rooms.get(slug);
    if (room) this.#sending.next(room);
    this.#tell('drafts', { room: slug });
  }

  #tell(event, detail) {
    this.dispatchEvent(new CustomEvent(event, { detail }));
  }
}
