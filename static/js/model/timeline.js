/**
 * What stands in the list of a room, from the top to the bottom: days, messages in groups, who
 * came and went, and what is still to be sent. Pure. Each row has a key, by which the list finds
 * it again, so a draft that becomes a message stays the row it was.
 *
 * @typedef {object} Row
 * @property {string} key
 * @property {'day'|'divider'|'message'|'notes'|'waiting'} kind
 * @property {string} text     of all but messages
 * @property {string[]} whole  of notices: the sentences behind the line, if it does not say all
 * @property {string} from     of messages, as what follows
 * @property {string} [author]
 * @property {number} [seq]    0 or none of a draft
 * @property {number} [rev]
 * @property {string} [html]
 * @property {string} me       who reads it
 * @property {Date} at
 * @property {boolean} further whether it goes on after a message of the same author
 * @property {''|'pending'|'failed'} state
 * @property {string} why      why it was not sent
 * @property {boolean} final   whether trying again is of no use
 * @property {boolean} editable whether another text may take its place
 */

import { clock, dayName } from '../lib/formats.js';
import { sentencesOf } from './notices.js';
import { say } from '../lib/words.js';

/** Messages of one author belong together for so long, in ms. */
const GROUP = 5 * 60_000;

/** What is sent within this time, in ms, need not say that it waits. */
const SOON = 1_000;

/**
 * @param {object} room
 * @param {import('./room-record.js').Message[]} room.messages  those that are drawn
 * @param {import('./room-record.js').Message|null} [room.above]  the one before them, which is not
 * @param {boolean} [room.ends]  whether the room ends with them
 * @param {import('./room-record.js').Message|null} [room.unread]  the first that is unread
 * @param {import('./notices.js').NoticeGroup[]} room.groups
 * @param {import('./outbox.js').Draft[]} room.drafts
 * @param {string} room.me
 * @param {string|undefined} room.id  mine, as the server will write it
 * @param {boolean} room.away  whether there is no connection
 * @param {number} now         in ms
 * @returns {Row[]}
 */
export function timeline({ messages, above = null, ends = true, unread = null, groups, drafts, me, id: author, away }, now) {
  const lines = new Lines(above, me, now);
  const notices = new NoticesBetween(groups, me, above?.seq ?? (messages[0]?.seq ?? 1) - 1);
  let divider = messages.length > 0 && (above?.seq ?? 0) < (unread?.seq ?? 0) ? unread : null;
  for (const message of messages) {
    lines.notices(notices.before(message.seq));
    lines.day(new Date(message.at));
    if (divider?.seq <= message.seq) {
      lines.divide(divider);
      divider = null;
    }
    lines.message(message);
  }
  if (!ends) return lines.rows;
  lines.notices(notices.before(Infinity));
  for (const { id, text, at, failed, final, editable = final } of drafts) {
    lines.day(new Date(at));
    lines.message({ id, from: me, author, text, at, state: failed ? 'failed' : 'pending', why: failed, final, editable });
  }
  wait(lines.rows, drafts, away, now);
  return lines.rows;
}

class Lines {
  /** @type {Row[]} */
  rows = [];
  #above; // the message above, if nothing is between
  #day;
  #me;
  #now;

  constructor(above, me, now) {
    this.#above = above && { ...above, at: new Date(above.at) };
    this.#day = this.#above?.at.toDateString();
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

  notices(groups) {
    for (const { after, text, whole } of groups) this.#between({ key: `notes ${after}`, kind: 'notes', text, whole });
  }

  message(message) {
    const at = new Date(message.at);
    const further = this.#above !== null && sameAuthor(this.#above, message) && +at - +this.#above.at < GROUP;
    this.#above = { ...message, at };
    this.rows.push({ key: message.id, kind: 'message', state: '', why: '', final: false, editable: false, me: this.#me, ...message, at, further });
  }

  #between(row) {
    this.rows.push(row);
    this.#above = null;
  }
}

// Who came and went between two messages. What I did myself is no news to me.
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

// A draft does not know yet as whom the server will write it.
function sameAuthor(one, other) {
  return one.from === other.from && (one.author ?? other.author) === (other.author ?? one.author);
}

/** In ms from now: when a row may look different though nothing happened. */
export function nextChange(drafts, now) {
  // A draft of the future was written before the clock was set back.
  const young = drafts.map(({ at }) => at + SOON - now).filter((left) => left > 0 && left <= SOON);
  return Math.min(...young, midnight(now) - now);
}

// One line for all that waits, under the last of them.
function wait(rows, drafts, away, now) {
  const waiting = drafts.filter(({ failed }) => !failed);
  if (waiting.length === 0 || (!away && now >= waiting[0].at && now - waiting[0].at < SOON)) return;
  const n = waiting.length;
  const text = away ? say('list.waitingAway', { n }) : say('list.waiting', { n });
  const last = rows.findLastIndex(({ state }) => state === 'pending');
  rows.splice(last + 1, 0, { key: 'waiting', kind: 'waiting', text });
}

// The end of a day, in the reader's time zone.
function midnight(time) {
  const date = new Date(time);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
}
