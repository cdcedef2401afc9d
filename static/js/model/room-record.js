/**
 * What is known of one room: its messages in their order, without a hole, from `floor` to
 * `last`. Pure. This is the order law of docs/protocol.md, as a class.
 *
 * Whatever the server tells covers an interval (since, rev] of the room's changes. The record
 * takes what goes on where it ends, ignores what it has, and says when something is missing.
 *
 * @typedef {{id: string, seq: number, rev: number, from: string, text: string, at: string}} Message
 * @typedef {{since: number, rev: number, messages: Message[]}} Page
 */

/** What became of a page: it was taken; all of it was known; something before it is missing. */
export const TAKEN = 'taken';
export const KNOWN = 'known';
export const GAP = 'gap';

/** How many changes of messages above the window are kept for when it reaches them. */
const MOST_ABOVE = 1_000;

export class RoomRecord {
  /** The rev up to which everything is known. */
  last = 0;
  /** The id of the message whose rev is `last`, or '' if it is none of ours. */
  lastId = '';
  /** The seq from which on everything is known. */
  floor = 1;
  /** Whether there was a page yet. */
  known = false;
  /** @type {Message[]} by seq */
  messages = [];
  #byId = new Map();
  #above = new Map();

  /** Whether there is more to be read above what is known. */
  get older() {
    return this.known && this.floor > 1;
  }

  /**
   * Forgets everything and takes the newest page.
   *
   * @param {{rev: number, messages: Message[]}} page
   */
  begin({ rev, messages }) {
    this.messages = [];
    this.#byId.clear();
    this.#above.clear();
    this.floor = messages[0]?.seq ?? rev + 1;
    this.known = true;
    this.#take(rev, messages);
  }

  /**
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
   * Puts in what is above. It covers no interval: these messages may have changed meanwhile,
   * and the later word, whenever it came, stands.
   *
   * @param {{before: number, messages: Message[], more: boolean}} page
   * @returns {boolean} false if it is not about the edge as it is now
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
   * Puts one message at its place, once, as its highest rev has it.
   *
   * @param {Message} message
   */
  put(message) {
    if (message.seq < this.floor) {
      this.#keepAbove(message);
      return;
    }
    const had = this.#byId.get(message.id);
    if (had && had.rev > message.rev) return;
    this.#byId.set(message.id, message);
    let at = this.messages.length;
    while (at > 0 && this.messages[at - 1].seq > message.seq) at--;
    const same = at > 0 && this.messages[at - 1].seq === message.seq;
    this.messages.splice(same ? at - 1 : at, same ? 1 : 0, message);
  }

  /** @param {string} id */
  has(id) {
    return this.#byId.has(id);
  }

  /** @param {number} most  how many messages stay; the others can be read again with history */
  trim(most) {
    if (this.messages.length <= most) return;
    for (const { id } of this.messages.splice(0, this.messages.length - most)) this.#byId.delete(id);
    this.floor = this.messages[0]?.seq ?? this.last + 1;
  }

  #take(rev, messages) {
    for (const message of messages) this.put(message);
    this.last = rev;
    this.lastId = messages.find((message) => message.rev === rev)?.id ?? '';
  }

  #keepAbove(message) {
    if ((this.#above.get(message.id)?.rev ?? 0) > message.rev) return;
    this.#above.set(message.id, message);
    if (this.#above.size > MOST_ABOVE) this.#above.delete(this.#above.keys().next().value);
  }
}
