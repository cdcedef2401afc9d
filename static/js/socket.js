/**
 * The reference client of chat.v1: one connection, several rooms, and a promise. What was
 * written is sent, once and in order, and every room is shown whole, whatever happens to the
 * connection. No DOM in here. docs/protocol.md describes what is spoken; the parts that can be
 * thought of alone have files of their own: connection.js (it comes back), room-record.js (the
 * order law), outbox.js (drafts) and members.js (presence).
 *
 * Events:
 *   state     the connection changed: see connection.js
 *   refused   detail: { errors, suggestion } of check.js. We may not come in; it is not tried again
 *   room      detail: { room, reset, older }: a room's record, title or member list is another. It
 *             begins anew, or what was said before and asked for is there
 *   message   detail: { room, message }: somebody said something just now
 *   drafts    detail: { room }: what waits or failed there
 *   presence  detail: { room, joined, left }: whose coming and going is news
 *   typing    detail: { room, from }
 *   rooms     detail: { rooms, more, after }: a page of the rooms there are
 *   trouble   detail: { room, cmd, message }: a sentence about a command that could not be done
 *
 * @typedef {object} Room
 * @property {string} slug
 * @property {string} title          '' until the server said it
 * @property {RoomRecord} record
 * @property {Members} members
 * @property {boolean} here          whether the server counts us in, on this connection
 * @property {string} epoch          of what the record holds
 * @property {boolean} asked         whether a join is unanswered
 * @property {boolean} fresh         whether it asked for the newest page
 * @property {number} pages          that were read to come back
 * @property {number} again          timer of the next try to come in
 * @property {boolean} reaching      whether older messages are on their way
 * @property {number} typedAt        when we told that we write, in ms
 * @property {string} underWay       id of the draft that is being sent, or ''
 * @property {number} ackTimer       of it
 */

import { Backoff } from './backoff.js';
import { Connection, TIMES } from './connection.js';
import { Members } from './members.js';
import { Outbox } from './outbox.js';
import { GAP, RoomRecord, TAKEN } from './room-record.js';
import { say } from './words.js';

/** Typing is told at most so often, in ms. */
const TYPING = 2_000;

/** So many pages are read to come back to a room; beyond it the newest one is quicker. */
const MOST_PAGES = 10;

/** In so many rooms one stays who only looks in. The server allows 100. */
export const MOST_ROOMS = 20;

/** The errors after which the same draft fails again. */
const FINAL = new Set(['id_conflict', 'too_long', 'empty', 'invalid', 'bad_command']);

/** The errors that pass: the room is asked for again. */
const PASSING = new Set(['not_stored', 'busy', 'internal']);

export class ChatSocket extends EventTarget {
  /** @type {{name: string, age?: number}|null} who we are, as the server writes it */
  user = null;
  /** @type {Outbox|null} */
  outbox = null;

  /** @type {Connection} */
  #connection;
  #epoch = '';
  /** @type {Map<string, Room>} the one looked at last is the last */
  #rooms = new Map();
  #again = new Backoff();
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
    on('cut', ({ blamed }) => this.#cutAll(blamed));
    on('refused', (answer) => this.#tell('refused', answer));
  }

  /** How the connection stands: see connection.js, also for the next three. */
  get state() {
    return this.#connection.state;
  }

  get why() {
    return this.#connection.why;
  }

  get retryAt() {
    return this.#connection.retryAt;
  }

  get lostAt() {
    return this.#connection.lostAt;
  }

  /** @param {{name: string, age: string|number, id?: string}} who  as /check answered, or as they were before */
  connect(who) {
    this.#bear({ name: who.name, ...(who.age && { age: Number(who.age) }), ...(who.id && { id: who.id }) });
    this.#connection.connect(who);
  }

  /**
   * Takes what is known of a room before any connection, such as the first paint of a page. Then
   * only what changed since is asked for.
   *
   * @param {string} slug
   * @param {{epoch: string, rev: number, messages: import('./room-record.js').Message[]}} page  its newest
   */
  begin(slug, { epoch, rev, messages }) {
    const room = newRoom(slug);
    room.record.begin({ rev, messages });
    room.epoch = epoch;
    this.#rooms.set(slug, room);
  }

  /** Hangs up, at once. */
  disconnect() {
    this.#connection.disconnect();
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
    const room = this.#rooms.get(slug) ?? newRoom(slug);
    this.#rooms.delete(slug);
    this.#rooms.set(slug, room);
    if (!room.here) this.#join(room);
    const waiting = this.outbox?.rooms ?? new Set();
    for (const other of this.#rooms.keys()) {
      if (this.#rooms.size <= MOST_ROOMS) break;
      if (!waiting.has(other)) this.leave(other);
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
      if (this.#rooms.has(slug) || this.#rooms.size >= MOST_ROOMS) continue;
      const room = newRoom(slug);
      this.#rooms = new Map([[slug, room], ...this.#rooms]);
      this.#join(room);
    }
  }

  /** @param {string} slug */
  leave(slug) {
    const room = this.#rooms.get(slug);
    if (!room) return;
    this.#cut(room);
    this.#rooms.delete(slug);
    this.#connection.command({ cmd: 'leave', room: slug });
  }

  /** @returns {Room|undefined} */
  room(slug) {
    return this.#rooms.get(slug);
  }

  /** @returns {string[]} the rooms we are in */
  get rooms() {
    return [...this.#rooms.keys()];
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
    room.reaching = this.#connection.command({ cmd: 'history', room: slug, before: room.record.floor });
    return room.reaching;
  }

  /**
   * Asks for a page of the rooms there are.
   *
   * @param {string} after  a slug, '' for the first page
   */
  list(after = '') {
    this.#listing = after;
    this.#connection.command({ cmd: 'rooms', after, prefix: '' });
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
    const draft = this.outbox.get(id);
    if (!draft?.failed || draft.final) return;
    this.outbox.retry(id);
    this.#draftsChanged(draft.room);
  }

  /** @param {string} id  of a draft that nobody wants to send any more */
  discard(id) {
    const draft = this.outbox.remove(id);
    if (draft) this.#draftsChanged(draft.room);
  }

  /** Tells the others that something is being written, now and then, by a clock that never goes back. @param {string} slug */
  typing(slug) {
    const room = this.#rooms.get(slug);
    if (!room?.here || performance.now() - room.typedAt < TYPING) return;
    room.typedAt = performance.now();
    this.#connection.command({ cmd: 'typing', room: slug });
  }

  // What is heard

  #hear(event) {
    const handle = this.#handlers[event.event];
    const room = this.#rooms.get(event.room);
    // Events of another version are not ours to know, nor those of rooms we have left.
    if (handle && (room || !event.room)) handle(event, room);
  }

  #handlers = {
    room: (event, room) => this.#page(event, room),
    changes: (event, room) => this.#cover(room, event),
    message: (event, room) => this.#message(event, room),
    history: (event, room) => this.#reachBack(event, room),
    ack: (event, room) => this.#ack(event, room),
    presence: (event, room) => this.#presence(event, room),
    typing: ({ room, from }) => this.#tell('typing', { room, from }),
    rooms: ({ rooms, more }) => this.#tell('rooms', { rooms, more, after: this.#listing }),
    pong: ({ revs }) => this.#compare(revs),
    error: (event, room) => this.#error(event, room),
  };

  // Before anybody is told that the connection stands, all that it stands for is known.
  #welcome({ user, epoch }) {
    this.#epoch = epoch;
    this.#bear(user);
    for (const slug of this.outbox.rooms) {
      if (!this.#rooms.has(slug)) this.#rooms = new Map([[slug, newRoom(slug)], ...this.#rooms]);
    }
  }

  // Who we are, with what we have written and not sent. What was stored after all is a message.
  #bear(user) {
    if (this.user?.name !== user.name) {
      this.outbox = new Outbox(user.name);
      for (const { record } of this.#rooms.values()) for (const { id } of record.messages) this.outbox.remove(id);
    }
    this.user = user;
  }

  #stands() {
    this.#tell('state', {});
    if (this.state === 'connected') for (const room of this.#rooms.values()) this.#join(room);
  }

  /** Enters a room, or comes back to where we were in it. Once: until the answer nothing is asked again. */
  #join(room) {
    if (room.asked) return;
    const { record } = room;
    const command = { cmd: 'join', room: room.slug };
    // Nothing is known, or too much has happened: the newest page.
    room.fresh = record.last === 0 || room.pages >= MOST_PAGES;
    // With the epoch of what we have, not of the server as it is now: it sees whether they fit.
    if (!room.fresh) Object.assign(command, { since: record.last, epoch: room.epoch, ...(record.lastId && { id: record.lastId }) });
    room.asked = this.#connection.command(command);
  }

  #page(event, room) {
    if (!room.asked) return;
    room.asked = false;
    const reset = room.fresh || event.reset === true;
    if (reset) {
      room.record.begin(event);
      room.epoch = this.#epoch;
    } else if (room.record.cover(event) === GAP) {
      this.#join(room);
      return;
    }
    this.#again.reset();
    room.title = event.title;
    room.members.begin(event, Date.now());
    this.#acknowledge(room, event.messages);
    room.pages = event.more ? room.pages + 1 : 0;
    if (event.more) this.#join(room);
    else room.here = true;
    this.#tell('room', { room: room.slug, reset });
    this.#sendNext(room);
  }

  /** @returns {boolean} whether it was new */
  #cover(room, page) {
    const became = room.record.cover(page);
    this.#acknowledge(room, page.messages);
    if (became === GAP) this.#join(room);
    if (became === TAKEN) this.#tell('room', { room: room.slug, reset: false });
    return became === TAKEN;
  }

  #message(message, room) {
    const { seq, rev } = message;
    if (this.#cover(room, { since: rev - 1, rev, messages: [message] }) && seq === rev) {
      this.#tell('message', { room: room.slug, message });
    }
  }

  #reachBack(event, room) {
    room.reaching = false;
    if (!room.record.reachBack(event)) return;
    this.#acknowledge(room, event.messages);
    this.#tell('room', { room: room.slug, reset: false, older: true });
  }

  #presence(event, room) {
    const news = room.members.apply(event, Date.now());
    this.#tell('presence', { room: room.slug, ...news });
  }

  // The last event may be the one that was lost: no gap would ever show it.
  #compare(revs) {
    for (const [slug, rev] of Object.entries(revs)) {
      const room = this.#rooms.get(slug);
      if (room?.here && rev > room.record.last) this.#join(room);
    }
  }

  #error({ cmd, id, code, message: sentence }, room) {
    const message = sentenceOf(code, sentence);
    if (cmd === 'send' && id && room) this.#failed(room, id, message, FINAL.has(code));
    if (cmd === 'history' && room) room.reaching = false;
    if (cmd === 'join' && room) {
      room.asked = false;
      if (PASSING.has(code)) room.again = setTimeout(() => this.#join(room), this.#again.next(TIMES.goingAway));
    }
    if (cmd !== 'send') this.#tell('trouble', { room: room?.slug ?? '', cmd, message });
  }

  // Drafts: one of a room is under way at a time, so that they cannot overtake each other.

  #sendNext(room) {
    if (!room.here || room.underWay) return;
    const draft = this.outbox.next(room.slug);
    if (!draft || !this.#connection.command({ cmd: 'send', room: room.slug, id: draft.id, text: draft.text })) return;
    room.underWay = draft.id;
    room.ackTimer = setTimeout(() => this.#failed(room, draft.id, say('outbox.noAnswer'), false), TIMES.ack);
  }

  /** Said before already: what was stored then counts. */
  #ack({ id, seq, rev }, room) {
    const draft = this.outbox.get(id);
    // Its message may still be on its way to us: until then this stands for it.
    if (draft && seq > room.record.last) {
      room.record.put({ id, seq, rev, from: this.user.name, text: draft.text, at: new Date(draft.at).toISOString() });
    }
    this.#acknowledge(room, [{ id }]);
  }

  #acknowledge(room, messages) {
    let any = false;
    for (const { id } of messages) {
      any = Boolean(this.outbox.remove(id)) || any;
      if (room.underWay === id) this.#settle(room);
    }
    if (any) this.#draftsChanged(room.slug);
    else this.#sendNext(room);
  }

  #failed(room, id, why, final) {
    this.outbox.fail(id, why, final);
    if (room.underWay === id) this.#settle(room);
    this.#draftsChanged(room.slug);
  }

  #draftsChanged(slug) {
    const room = this.#rooms.get(slug);
    if (room) this.#sendNext(room);
    this.#tell('drafts', { room: slug });
  }

  #settle(room) {
    clearTimeout(room.ackTimer);
    room.underWay = '';
  }

  // The connection is gone. If a draft that was under way is to blame, it is not sent again.
  #cutAll(blamed) {
    for (const room of this.#rooms.values()) {
      if (blamed && room.underWay) this.outbox.fail(room.underWay, blamed, true);
      this.#cut(room);
    }
  }

  // What was asked will not be answered, what was sent is sent again.
  #cut(room) {
    this.#settle(room);
    clearTimeout(room.again);
    room.here = room.asked = room.reaching = false;
    room.pages = 0;
  }

  #tell(event, detail) {
    this.dispatchEvent(new CustomEvent(event, { detail }));
  }
}

/** @returns {string} what an error says, in the page's language; the server's words for those that are not known here */
function sentenceOf(code, message) {
  const key = `error.${code}`;
  const known = say('error.' + code);
  return known === key ? say(message) : known;
}

/** @returns {Room} with what only the connection knows of it: see the methods that use it */
function newRoom(slug) {
  return {
    slug, title: '', record: new RoomRecord(), members: new Members(), epoch: '',
    here: false, asked: false, fresh: true, pages: 0, again: 0,
    reaching: false, typedAt: -Infinity, underWay: '', ackTimer: 0,
  };
}
