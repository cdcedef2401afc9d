/**
 * The unread messages of each room: those by others after this browser's read position, and the
 * replies that were not read in their threads, if the reader takes part in those or is mentioned.
 * Deleted messages and join and leave notices never count. No DOM in here.
 *
 * Events: `change`, detail the slug.
 *
 * @typedef {import('../model/room-record.js').Message} Message
 *
 * @typedef {object} Standing
 * @property {number} count           unread messages
 * @property {number} mentions        those that mention the reader
 * @property {Message|null} mention   the newest mention
 */

import { writtenBy } from '../model/identities.js';
import { knownNames } from '../model/known-names.js';
import { isNews } from '../model/list-window.js';
import { isInRoom } from '../model/room-record.js';
import { threadPositions } from '../model/thread-positions.js';
import { takesPart } from './threads.js';
import { isMentioned } from '../elements/message-mentions.js';

/** @type {Standing} */
const NOTHING = Object.freeze({ count: 0, mentions: 0, mention: null });

/**
 * Counts the unread messages of a record. The count is exact as far back as the record goes; above
 * it, each change of the room counts as a message, because the badge of a room that is so far
 * behind only says "many".
 *
 * @param {import('../model/room-record.js').RoomRecord} record
 * @param {number} read  the read position as a seq
 * @param {(message: Message) => boolean} isMine
 * @param {(message: Message) => boolean} isToMe
 * @param {(reply: Message) => boolean} [isOpen]  whether a reply in a thread was not read there and counts
 * @returns {Standing}
 */
export function standingOf({ messages, floor, known }, read, isMine, isToMe, isOpen = () => false) {
  if (!known || read < 0) return NOTHING;
  const unread = messages.filter((message) => (isInRoom(message) ? message.seq > read : isOpen(message)));
  return counting({ ...NOTHING, count: Math.max(0, floor - 1 - read) }, unread, isMine, isToMe);
}

/** @returns {Standing} the counts with further messages added */
function counting({ count, mentions: called, mention }, messages, isMine, isToMe) {
  for (const message of messages) {
    if (!isNews(message, isMine)) continue;
    count++;
    if (!isToMe(message)) continue;
    called++;
    mention = message;
  }
  return { count, mentions: called, mention };
}

function messagesAfter(messages, seq) {
  return messages.slice(messages.findLastIndex((message) => message.seq <= seq) + 1);
}

export class Unread extends EventTarget {
  #socket;
  #positions;
  /** @type {Map<string, Standing>} */
  #standings = new Map();
  /** @type {Map<string, number>} the rev up to which each standing counts */
  #counted = new Map();
  /** @type {Map<string, number>} the rev of each room in the server's list */
  #revs = new Map();
  /** @type {WeakMap<Message, boolean>} whether it mentions the reader, cached */
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
    on(socket, 'room', ({ room, reset, kept }) => this.#changed(room, reset, kept));
    on(socket, 'rooms', ({ rooms }) => this.#listed(rooms));
    on(positions, 'change', (slug) => this.#count(slug));
    on(threadPositions, 'change', (slug) => this.#count(slug));
    on(socket, 'state', () => this.#forget());
    on(knownNames, 'change', () => this.#named());
  }

  /** @param {string} slug  @returns {Standing} */
  of(slug) {
    return this.#standings.get(slug) ?? NOTHING;
  }

  /** @returns {number} the unread messages of all rooms */
  get total() {
    return [...this.#standings.values()].reduce((sum, { count }) => sum + count, 0);
  }

  #changed(slug, reset, kept) {
    const { record } = this.#socket.room(slug);
    // On a first visit nothing is unread. After a restore of the server's database, new messages
    // reuse seqs that were read already, so the position is lowered; a kept record may be older than it.
    if (this.#positions.of(slug) < 0) this.#positions.read(slug, record.last);
    else if (reset && !kept) this.#positions.atMost(slug, record.last);
    threadPositions.begin(slug, record.last);
    if (reset && !kept) threadPositions.atMost(slug, record.last);
    if (reset || !this.#countOn(slug, record)) this.#count(slug);
  }

  // Adds only new messages: counting all unread ones for each message would become slower as they grow.
  /** @returns {boolean} false if something other than new messages has changed */
  #countOn(slug, { messages, last }) {
    const counted = this.#counted.get(slug) ?? Infinity;
    if (counted >= last) return false;
    const news = messagesAfter(messages, counted).filter(({ seq }) => seq <= last); // an acknowledged message may be ahead of the record
    if (news.length !== last - counted) return false; // earlier messages have changed
    this.#counted.set(slug, last);
    this.#become(slug, counting(this.of(slug), this.#unreadOf(slug, news), this.#isMine, this.#isToMe));
    return true;
  }

  #unreadOf(slug, news) {
    const read = this.#positions.of(slug);
    return news.filter((message) => (isInRoom(message) ? message.seq > read : this.#isOpen(slug)(message)));
  }

  // A reply counts that was not read in its thread, if the reader takes part in that or is mentioned.
  #isOpen = (slug) => (reply) => {
    const { thread: { root }, seq } = reply;
    return seq > threadPositions.of(slug, root) && (takesPart(this.#socket, slug, root) || this.#isToMe(reply));
  };

  // Counts again after a reconnect, because the user may be another.
  #forget() {
    this.#counted.clear();
    this.#toMe = new WeakMap();
  }

  // Looks for mentions again when a name is added, which may be the one that was meant.
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
    if (record?.known) return standingOf(record, read, this.#isMine, this.#isToMe, this.#isOpen(slug));
    // The room is not joined, so the list of rooms gives its latest rev.
    return read < 0 ? NOTHING : { ...NOTHING, count: Math.max(0, (this.#revs.get(slug) ?? 0) - read) };
  }

  #isToMe = (message) => {
    const { name } = this.#socket.user;
    if (!this.#toMe.has(message)) this.#toMe.set(message, isMentioned(message, name, knownNames.longerThan(name)));
    return this.#toMe.get(message);
  };
}
