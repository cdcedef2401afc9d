/**
 * What is unread in each room: the messages of others after the place up to which this browser
 * has read. Nothing else counts, so who joined and left never does. No DOM in here.
 *
 * Events: `change`, detail the slug.
 *
 * @typedef {import('../model/room-record.js').Message} Message
 *
 * @typedef {object} Standing
 * @property {number} count           of messages
 * @property {number} mentions        how many of them say my name
 * @property {Message|null} mention   the newest of those
 */

import { writtenBy } from '../model/identities.js';
import { knownNames } from '../model/known-names.js';
import { isMentioned } from '../elements/message-mentions.js';

/** @type {Standing} */
const NOTHING = Object.freeze({ count: 0, mentions: 0, mention: null });

/**
 * Exact as far as the record goes back. What is above it is not known; there each change of the
 * room counts as a message, as the badge of a room that is so far behind says only "many".
 *
 * @param {import('../model/room-record.js').RoomRecord} record
 * @param {number} read  the seq up to which it was read
 * @param {(message: Message) => boolean} isMine
 * @param {(message: Message) => boolean} isToMe
 * @returns {Standing}
 */
export function standingOf({ messages, floor, known }, read, isMine, isToMe) {
  if (!known || read < 0) return NOTHING;
  return counting({ ...NOTHING, count: Math.max(0, floor - 1 - read) }, saidAfter(messages, read), isMine, isToMe);
}

/** @returns {Standing} with what was said after */
function counting({ count, mentions: called, mention }, messages, isMine, isToMe) {
  for (const message of messages) {
    if (isMine(message)) continue;
    count++;
    if (!isToMe(message)) continue;
    called++;
    mention = message;
  }
  return { count, mentions: called, mention };
}

function saidAfter(messages, seq) {
  return messages.slice(messages.findLastIndex((message) => message.seq <= seq) + 1);
}

export class Unread extends EventTarget {
  #socket;
  #positions;
  /** @type {Map<string, Standing>} */
  #standings = new Map();
  /** @type {Map<string, number>} up to which rev they count */
  #counted = new Map();
  /** @type {Map<string, number>} the rev of rooms as the server listed them */
  #revs = new Map();
  /** @type {WeakMap<Message, boolean>} whether it speaks to me: looked for once */
  #toMe = new WeakMap();
  #isMine;

  /**
   * @param {import('../net/socket.js').ChatSocket} socket
   * @param {import('../model/read-positions.js').ReadPositions} positions
   * @param {AbortSignal} signal  ends it
   */
  constructor(socket, positions, signal) {
    super();
    this.#socket = socket;
    this.#isMine = writtenBy(socket);
    this.#positions = positions;
    const on = (target, event, act) => target.addEventListener(event, ({ detail }) => act(detail), { signal });
    on(socket, 'room', ({ room, reset, kept }) => this.#heard(room, reset, kept));
    on(socket, 'rooms', ({ rooms }) => this.#listed(rooms));
    on(positions, 'change', (slug) => this.#count(slug));
    on(socket, 'state', () => this.#forget());
    on(knownNames, 'change', () => this.#named());
  }

  /** @param {string} slug  @returns {Standing} */
  of(slug) {
    return this.#standings.get(slug) ?? NOTHING;
  }

  /** @returns {number} in all rooms */
  get total() {
    return [...this.#standings.values()].reduce((sum, { count }) => sum + count, 0);
  }

  #heard(slug, reset, kept) {
    const { record } = this.#socket.room(slug);
    // Whoever comes for the first time has missed nothing. And what is said after the server's
    // store was put back has numbers that were read before. What was kept may be older than that.
    if (this.#positions.of(slug) < 0) this.#positions.read(slug, record.last);
    else if (reset && !kept) this.#positions.atMost(slug, record.last);
    if (reset || !this.#countOn(slug, record)) this.#count(slug);
  }

  // To count all that is unread at each message would take the longer the more there is.
  /** @returns {boolean} false if more has changed than that something was said */
  #countOn(slug, { messages, last }) {
    const counted = this.#counted.get(slug) ?? Infinity;
    if (counted >= last) return false;
    const news = saidAfter(messages, counted).filter(({ seq }) => seq <= last); // what is acknowledged may be ahead
    if (news.length !== last - counted) return false; // changes of what was said before
    const read = this.#positions.of(slug);
    this.#counted.set(slug, last);
    this.#become(slug, counting(this.of(slug), saidAfter(news, read), this.#isMine, this.#isToMe));
    return true;
  }

  // With another connection we may be somebody else.
  #forget() {
    this.#counted.clear();
    this.#toMe = new WeakMap();
  }

  // Whoever is known now may be the one who was spoken to.
  #named() {
    this.#toMe = new WeakMap();
    for (const [slug, { mentions: called }] of this.#standings) if (called > 0) this.#count(slug);
  }

  #listed(rooms) {
    for (const { room, rev } of rooms) {
      this.#revs.set(room, rev);
      this.#count(room);
    }
  }

  #count(slug) {
    const record = this.#socket.room(slug)?.record;
    if (record?.known) this.#counted.set(slug, record.last);
    else this.#counted.delete(slug);
    this.#become(slug, this.#look(slug));
  }

  #become(slug, now) {
    const had = this.of(slug);
    if (now.count === had.count && now.mentions === had.mentions && now.mention?.id === had.mention?.id) return;
    this.#standings.set(slug, now);
    this.dispatchEvent(new CustomEvent('change', { detail: slug }));
  }

  #look(slug) {
    const read = this.#positions.of(slug);
    const record = this.#socket.room(slug)?.record;
    if (record?.known) return standingOf(record, read, this.#isMine, this.#isToMe);
    // We are not there to hear what is said; the list of rooms says how far it is.
    return read < 0 ? NOTHING : { ...NOTHING, count: Math.max(0, (this.#revs.get(slug) ?? 0) - read) };
  }

  #isToMe = (message) => {
    const { name } = this.#socket.user;
    if (!this.#toMe.has(message)) this.#toMe.set(message, isMentioned(message, name, knownNames.longerThan(name)));
    return this.#toMe.get(message);
  };
}
