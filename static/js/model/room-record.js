/**
 * The known history of one room: its messages in order, without gaps, from `floor` to `last`.
 * Pure. Implements the ordering rule of docs/protocol.md.
 *
 * Everything the server sends covers an interval (since, rev] of the room's changes. The record
 * takes what continues it, ignores what it has, and reports gaps.
 *
 * @typedef {object} Message  as docs/protocol.md describes it
 * @property {string} id
 * @property {number} seq
 * @property {number} rev
 * @property {string} from
 * @property {string} [author]
 * @property {string} text
 * @property {string} [html]
 * @property {string} at
 * @property {string} [edited_at]  when its text was changed last
 * @property {number} [versions]  how many earlier texts it has
 * @property {{by: UserRef, at: string, reason?: string, moved?: boolean}} [deleted]  of a tombstone, whose text is
 *   empty; moved if the message is in another room now
 * @property {{by: UserRef, at: string}} [moved]  of a message from another room
 * @property {import('./reactions.js').Reaction[]} [reactions]
 * @property {{by: UserRef, at: string}} [pinned]
 * @property {Quote} [reply_to]
 * @property {Thread} [thread]  of a root, or of a reply in a thread
 *
 * @typedef {import('./reactions.js').UserRef} UserRef
 * @typedef {{seq: number, from?: string, author?: string, text?: string}} Quote  of a deleted message only its seq
 *
 * @typedef {{root?: number, count?: number, last?: string, users?: UserRef[]}} Thread  of a reply only the
 *   seq of its root; of a root how many replies it has, the time of the last one, and who replied
 *
 * @typedef {{since: number, rev: number, messages: Message[]}} Page
 */

/** The results of cover: the page was added; it was already known; something before it is missing. */
export const TAKEN = 'taken';
export const KNOWN = 'known';
export const GAP = 'gap';

/** The number of replies in threads to keep, so that a page that is open for weeks does not grow by them. */
const MOST_REPLIES = 5_000;

/** The number of changes kept for messages above the record, in case it reaches them. */
const MOST_ABOVE = 1_000;

export class RoomRecord {
  /** The rev up to which everything is known. */
  last = 0;
  /** The id of the message whose rev is `last`; '' if the record does not have it. */
  lastId = '';
  /** The seq from which on everything is known. */
  floor = 1;
  /** Whether the record has had a first page. */
  known = false;
  /** @type {Message[]} sorted by seq */
  messages = [];
  /** @type {Message[]|null} see mainline; null after a change */
  #mainline = null;
  #byId = new Map();
  #above = new Map();

  /** @returns {Message[]} the messages without the replies in threads */
  get mainline() {
    return this.#mainline ??= this.messages.filter(isInRoom);
  }

  /** Whether the room has messages above the record. */
  get older() {
    return this.known && this.floor > 1;
  }

  /**
   * Replaces everything with the newest page.
   *
   * @param {{rev: number, messages: Message[]}} page
   */
  begin({ rev, messages }) {
    this.messages = [];
    this.#mainline = null;
    this.#byId.clear();
    this.#above.clear();
    this.floor = messages[0]?.seq ?? rev + 1;
    this.known = true;
    this.#take(rev, messages);
  }

  /**
   * Adds a page if it continues the record.
   *
   * @param {Page} page
   * @returns {TAKEN|KNOWN|GAP}
   */
  cover({ since, rev, messages }) {
    if (rev <= this.last) return KNOWN;
    if (since > this.last) return GAP;
    this.#take(rev, messages);
    return TAKEN;
  }

  /**
   * Adds older messages at the top. Such a page covers no interval: its messages may have changed
   * in the meantime, and the version with the highest rev wins, whenever it arrived.
   *
   * @param {{before: number, messages: Message[], more: boolean}} page
   * @returns {boolean} false if it does not end at the current top of the record
   */
  reachBack({ before, messages, more }) {
    if (before !== this.floor) return false;
    this.floor = more && messages.length > 0 ? messages[0].seq : 1;
    for (const message of messages) {
      this.put(message);
      const changed = this.#above.get(message.id);
      if (changed) this.put(changed);
      this.#above.delete(message.id);
    }
    return true;
  }

  /**
   * Inserts or updates one message by its id. The highest rev wins.
   *
   * @param {Message} message
   */
  put(message) {
    if (message.rev > message.seq) this.#requote(message);
    if (message.seq < this.floor) {
      this.#keepAbove(message);
      return;
    }
    const had = this.#byId.get(message.id);
    if (had && had.rev > message.rev) return;
    this.#byId.set(message.id, message);
    this.#mainline = null;
    let at = this.messages.length;
    while (at > 0 && this.messages[at - 1].seq > message.seq) at--;
    const same = at > 0 && this.messages[at - 1].seq === message.seq;
    this.messages.splice(same ? at - 1 : at, same ? 1 : 0, message);
  }

  /** @param {string} id */
  has(id) {
    return this.#byId.has(id);
  }

  /**
   * @param {number} seq
   * @returns {Message|undefined} the message, also one above the record that has changed
   */
  find(seq) {
    const is = (message) => message.seq === seq;
    return this.messages.find(is) ?? [...this.#above.values()].find(is);
  }

  /** @param {number} seq  of a message that was read  @returns {number} the seq up to which nothing else is left to read: replies are read in their threads */
  readTo(seq) {
    const next = this.mainline.find((message) => message.seq > seq);
    return next ? next.seq - 1 : Math.max(seq, this.messages.at(-1)?.seq ?? 0);
  }

  /** Drops the oldest messages. @param {number} most  how many stay, not counting replies in threads; history can load the others again */
  trim(most) {
    const { mainline, messages } = this;
    if (mainline.length > most || most === 0) this.#drop(most === 0 ? messages.length : messages.indexOf(mainline.at(-most)));
    if (messages.length - mainline.length > MOST_REPLIES) this.#dropReplies();
  }

  #drop(count) {
    for (const { id } of this.messages.splice(0, count)) this.#byId.delete(id);
    this.#mainline = null;
    this.floor = this.messages[0]?.seq ?? this.last + 1;
  }

  // Their threads can load them again.
  #dropReplies() {
    const old = this.messages.filter((message) => !isInRoom(message)).slice(0, -MOST_REPLIES / 2);
    for (const { id } of old) this.#byId.delete(id);
    this.messages = this.messages.filter(({ id }) => this.#byId.has(id));
  }

  #take(rev, messages) {
    for (const message of messages) this.put(message);
    this.last = rev;
    this.lastId = messages.find((message) => message.rev === rev)?.id ?? '';
  }

  // Brings the quotes of a changed message up to date: the replies themselves do not change.
  #requote(original) {
    for (const [i, message] of this.messages.entries()) {
      if (message.reply_to?.seq !== original.seq) continue;
      this.#mainline = null;
      this.messages[i] = { ...message, reply_to: quoteOf(original) };
      this.#byId.set(message.id, this.messages[i]);
    }
  }

  #keepAbove(message) {
    if ((this.#above.get(message.id)?.rev ?? 0) > message.rev) return;
    this.#above.set(message.id, message);
    if (this.#above.size > MOST_ABOVE) this.#above.delete(this.#above.keys().next().value);
  }
}

/** @param {Message} message  @returns {boolean} whether it is shown in the room, and not only in a thread */
export const isInRoom = ({ thread }) => !thread?.root;

/** The number of characters of a quote. The server has a limit like it. */
const MOST_QUOTED = 200;

/**
 * @param {Message} message
 * @returns {Quote} the quote of a message in a reply; of a tombstone only its seq
 */
export function quoteOf({ seq, from, author, text, deleted }) {
  return deleted ? { seq } : { seq, from, author, text: text.slice(0, MOST_QUOTED) };
}
