/**
 * What stands in the list of a room, from the top to the bottom: days, messages in groups, who
 * came and went, and what is still to be sent. Pure. Each row has a key, by which the list finds
 * it again, so a draft that becomes a message stays the row it was.
 *
 * @typedef {object} Row
 * @property {string} key
 * @property {'day'|'message'|'notes'|'waiting'} kind
 * @property {string} text     of days, notes and waiting
 * @property {string} from     of messages
 * @property {Date} at
 * @property {boolean} further whether it goes on after a message of the same author
 * @property {''|'pending'|'failed'} state
 * @property {string} why      why it was not sent
 * @property {boolean} final   whether trying again is of no use
 */

import { notesSentence } from './notes.js';

/** Messages of one author belong together for so long, in ms. */
const GROUP = 5 * 60_000;

/** What is sent within this time, in ms, need not say that it waits. */
const SOON = 1_000;

const sameYear = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const otherYear = new Intl.DateTimeFormat(undefined, { dateStyle: 'full' });

/**
 * @param {object} room
 * @param {import('./room-record.js').Message[]} room.messages
 * @param {import('./notes.js').NoteGroup[]} room.groups
 * @param {import('./outbox.js').Draft[]} room.drafts
 * @param {string} room.me
 * @param {boolean} room.away  whether there is no connection
 * @param {number} now         in ms
 * @returns {Row[]}
 */
export function timeline({ messages, groups, drafts, me, away }, now) {
  const rows = [];
  let above = null; // the message above, if nothing is between
  let day = '';

  const say = (message) => {
    const at = new Date(message.at);
    const today = at.toDateString();
    if (today !== day) {
      rows.push({ key: `day ${today}`, kind: 'day', text: dayName(at, now) });
      day = today;
      above = null;
    }
    const further = above?.from === message.from && at - above.at < GROUP;
    above = { from: message.from, at };
    rows.push({ key: message.id, kind: 'message', state: '', why: '', final: false, me, ...message, at, further });
  };

  let next = 0;
  const noteUpTo = (seq) => {
    for (; next < groups.length && groups[next].after < seq; next++) {
      const { after, notes } = groups[next];
      rows.push({ key: `notes ${after}`, kind: 'notes', text: notesSentence(notes, me) });
      above = null;
    }
  };

  // What was noted above the first message that is shown is not shown either.
  if (messages.length > 0) while (next < groups.length && groups[next].after < messages[0].seq - 1) next++;
  for (const message of messages) {
    noteUpTo(message.seq);
    say(message);
  }
  noteUpTo(Infinity);
  for (const { id, text, at, failed, final } of drafts) {
    say({ id, from: me, text, at, state: failed ? 'failed' : 'pending', why: failed, final });
  }
  wait(rows, drafts, away, now);
  return rows;
}

/** In ms from now: when a row may look different though nothing happened. */
export function nextChange(drafts, now) {
  const young = drafts.map(({ at }) => at + SOON - now).filter((left) => left > 0);
  return Math.min(...young, midnight(now) - now);
}

// One line for all that waits, under the last of them.
function wait(rows, drafts, away, now) {
  const waiting = drafts.filter(({ failed }) => !failed);
  if (waiting.length === 0 || (!away && now - waiting[0].at < SOON)) return;
  const count = waiting.length === 1 ? '1 message' : `${waiting.length} messages`;
  const text = away ? `${count} will be sent when the connection is back` : `Sending ${count}`;
  const last = rows.findLastIndex(({ state }) => state === 'pending');
  rows.splice(last + 1, 0, { key: 'waiting', kind: 'waiting', text });
}

function dayName(at, now) {
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return (at.getFullYear() === new Date(now).getFullYear() ? sameYear : otherYear).format(at);
}

// The end of a day, in the reader's time zone.
function midnight(time) {
  const date = new Date(time);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
}
