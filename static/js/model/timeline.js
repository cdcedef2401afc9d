/**
 * Builds the rows of a room's list, from top to bottom: days, grouped messages, deleted messages,
 * join and leave notices, and unsent drafts. Pure. The list recognises a row by its key, so a
 * draft that becomes a message keeps its row.
 *
 * @typedef {object} Row
 * @property {string} key
 * @property {'day'|'divider'|'message'|'gone'|'notes'|'waiting'} kind
 * @property {string} text     of all kinds but messages
 * @property {string[]} whole  of notices: the full sentences, if the line is shortened; of deleted
 *   messages: a sentence for each
 * @property {string} from     this and what follows: of messages
 * @property {string} [author]
 * @property {string} [id]     of the message
 * @property {number} [seq]    0 or missing for a draft
 * @property {number} [rev]
 * @property {string} [html]
 * @property {string} me       the reader's name
 * @property {Date} at
 * @property {string} [edited_at]
 * @property {number} [versions]
 * @property {import('./room-record.js').Message['pinned']} [pinned]
 * @property {import('./room-record.js').Quote} [reply_to]
 * @property {import('./reactions.js').Reaction[]} [reactions]
 * @property {import('./room-record.js').Thread} [thread]  of a root
 * @property {{unseen: number, failed: boolean, open: boolean}} [replies]  of a root, for its reader
 * @property {import('./room-record.js').Message[]} [messages] of deleted ones
 * @property {import('./changes.js').Change} [editing]  the edit that is being written
 * @property {import('./changes.js').Change} [leaving]  the deletion that is about to be sent
 * @property {boolean} [changing] whether a change of it waits for the server
 * @property {boolean} [leads]    whether its editor gets the focus
 * @property {{name: string, id?: string}} [user]  the reader, whose reactions are marked
 * @property {boolean} further whether it continues a group of the same author
 * @property {''|'pending'|'failed'} state
 * @property {string} why      why it was not sent
 * @property {boolean} final   whether a retry would fail again
 * @property {boolean} editable whether an edited text can replace it
 */

import { clock, dayName } from '../lib/formats.js';
import { areAlike, isTombstone, sentencesOfGone } from './tombstones.js';
import { sentencesOf } from './notices.js';
import { say } from '../lib/words.js';

/** The span, in ms, within which messages of one author form a group. */
const GROUP = 5 * 60_000;

/** How long, in ms, a draft may wait before the list says so. */
const SOON = 1_000;

/**
 * @param {object} room
 * @param {import('./room-record.js').Message[]} room.messages  the messages to draw
 * @param {import('./room-record.js').Message|null} [room.above]  the message above them, which is not drawn
 * @param {boolean} [room.ends]  whether the room ends with them
 * @param {import('./room-record.js').Message|null} [room.unread]  the first unread message
 * @param {import('./notices.js').NoticeGroup[]} room.groups
 * @param {import('./outbox.js').Draft[]} room.drafts
 * @param {{seq: number, text: string}|null} [room.below]  a line below the message with that seq: the number of replies below a root
 * @param {string} room.me
 * @param {string|undefined} room.id  the reader's id, as the server will write it
 * @param {boolean} room.away  whether there is no connection
 * @param {number} now         in ms
 * @returns {Row[]}
 */
export function timeline({ messages, above = null, ends = true, unread = null, groups, drafts, me, id: author, away, below = null }, now) {
  const lines = new Lines(above, me, now, below !== null);
  const notices = new NoticesBetween(groups, me, above?.seq ?? (messages[0]?.seq ?? 1) - 1);
  let divider = messages.length > 0 && (above?.seq ?? 0) < (unread?.seq ?? 0) ? unread : null;
  for (const message of messages) {
    lines.notices(notices.before(message.seq));
    lines.day(new Date(message.at));
    if (divider?.seq <= message.seq) {
      lines.divide(divider);
      divider = null;
    }
    if (isTombstone(message)) lines.gone(message);
    else lines.message(message);
    if (message.seq === below?.seq) lines.line(below.text);
  }
  if (!ends) return lines.rows;
  lines.notices(notices.before(Infinity));
  for (const { id, text, at, failed, final, editable = final, reply_to: quote } of drafts) {
    lines.day(new Date(at));
    lines.message({ id, from: me, author, text, at, state: failed ? 'failed' : 'pending', why: failed, final, editable, ...(quote && { reply_to: quote }) });
  }
  wait(lines.rows, drafts, away, now);
  return lines.rows;
}

class Lines {
  /** @type {Row[]} */
  rows = [];
  #above; // the message directly above, with no other row between
  #day;
  #me;
  #now;

  constructor(above, me, now, isThread) {
    this.#above = above && { ...above, at: new Date(above.at) };
    this.#day = this.#above?.at.toDateString() ?? (isThread ? new Date(now).toDateString() : undefined); // a thread of today needs no day
    this.#me = me;
    this.#now = now;
  }

  day(at) {
    const today = at.toDateString();
    if (today === this.#day) return;
    this.#day = today;
    const days = Math.round((midnight(this.#now) - midnight(at)) / 86_400_000);
    this.#between({ key: `day ${today}`, kind: 'day', text: dayName(at, days, new Date(this.#now)) });
  }

  divide({ at }) {
    this.#between({ key: 'divider', kind: 'divider', text: say('list.unread', { time: clock.format(new Date(at)) }) });
  }

  line(text) {
    this.#between({ key: 'replies', kind: 'replies', text });
  }

  notices(groups) {
    for (const { after, text, whole } of groups) this.#between({ key: `notes ${after}`, kind: 'notes', text, whole });
  }

  message(message) {
    const at = new Date(message.at);
    const further = this.#above !== null && sameAuthor(this.#above, message) && +at - +this.#above.at < GROUP && !hasLineAbove(message);
    this.#above = { ...message, at };
    this.rows.push({ key: message.id, kind: 'message', state: '', why: '', final: false, editable: false, me: this.#me, ...message, at, further });
  }

  // Folds neighbouring tombstones of one author, deleted by one person, into one row.
  gone(message) {
    const last = this.rows.at(-1);
    const { id, seq, thread, replies } = message;
    if (thread?.count) {
      this.#between({ key: `gone ${id}`, kind: 'gone', messages: [message], ...sentencesOfGone([message]) });
      this.#between({ key: `thread ${id}`, kind: 'thread', text: '', id, seq, thread, replies });
      return;
    }
    if (last?.kind === 'gone' && areAlike(last.messages[0], message)) last.messages.push(message);
    else this.#between({ key: `gone ${message.id}`, kind: 'gone', messages: [message] });
    Object.assign(this.rows.at(-1), sentencesOfGone(this.rows.at(-1).messages));
  }

  #between(row) {
    this.rows.push(row);
    this.#above = null;
  }
}

// The join and leave notices between two messages, without those of the reader.
class NoticesBetween {
  #groups;
  #next = 0;

  constructor(groups, me, after) {
    this.#groups = groups.filter((group) => group.after >= after)
      .map((group) => ({ ...group, notices: group.notices.filter(({ name }) => name !== me) }))
      .filter(({ notices }) => notices.length > 0);
  }

  before(seq) {
    const from = this.#next;
    while (this.#groups[this.#next]?.after < seq) this.#next++;
    return this.#groups.slice(from, this.#next).map(({ after, notices }) => ({ after, ...sentencesOf(notices) }));
  }
}

// A quote and a pin are above the author's name.
const hasLineAbove = ({ reply_to: quote, pinned }) => quote !== undefined || pinned !== undefined;

// A draft has no author id yet, because the server assigns it.
function sameAuthor(one, other) {
  return one.from === other.from && (one.author ?? other.author) === (other.author ?? one.author);
}

/** @returns {number} the ms until the rows change without an event: a draft becomes overdue, or the day ends */
export function nextChange(drafts, now) {
    // A draft from the future was written before the clock was set back.
  const young = drafts.map(({ at }) => at + SOON - now).filter((left) => left > 0 && left <= SOON);
  return Math.min(...young, midnight(now) - now);
}

// Adds one line for all waiting drafts, below the last of them.
function wait(rows, drafts, away, now) {
  const waiting = drafts.filter(({ failed }) => !failed);
  if (waiting.length === 0 || (!away && now >= waiting[0].at && now - waiting[0].at < SOON)) return;
  const n = waiting.length;
  const text = away ? say('list.waitingAway', { n }) : say('list.waiting', { n });
  const last = rows.findLastIndex(({ state }) => state === 'pending');
  rows.splice(last + 1, 0, { key: 'waiting', kind: 'waiting', text });
}

// Returns the end of a day in the reader's time zone.
function midnight(time) {
  const date = new Date(time);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
}
