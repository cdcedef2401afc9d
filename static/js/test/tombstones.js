/** Deleted messages: neighbours share a line, nobody has to read them, and nothing of them is left. */

import { countAfter } from '../model/list-window.js';
import { RoomRecord } from '../model/room-record.js';
import { timeline } from '../model/timeline.js';
import { UnreadDivider } from '../model/unread-divider.js';
import { standingOf } from '../page/unread.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const wrong = [];
  const is = (what, got, want) => got === want || wrong.push(`${what}: ${got} instead of ${want}`);
  const now = new Date(2026, 5, 10, 12).getTime();
  const at = new Date(now - 60_000).toISOString();
  const said = (seq, from, text = '@ann') => ({ id: 'm' + seq, seq, rev: seq, from, text, at });
  const gone = (seq, rev, from, by = from) => ({ ...said(seq, from, ''), rev, deleted: { by: { id: by, name: by }, at, reason: seq === 3 ? 'spam' : '' } });
  const record = new RoomRecord();
  record.begin({ rev: 7, messages: [said(1, 'Bob'), said(2, 'Bob'), said(3, 'Bob'), said(4, 'Cid'), said(5, 'Cid'), said(6, 'Bob'), said(7, 'Ann')] });
  const deleted = [gone(2, 8, 'Bob'), gone(3, 9, 'Bob'), gone(4, 10, 'Cid', 'Mod'), gone(5, 11, 'Cid')];
  for (const message of deleted) is('a deletion', record.cover({ since: message.rev - 1, rev: message.rev, messages: [message] }), 'taken');
  is('what is left', record.messages.map(({ text }) => text).join(), '@ann,,,,,@ann,@ann');
  const rows = timeline({ messages: record.messages, groups: [], drafts: [], me: 'Ann', away: false }, now);
  const shown = rows.map(({ kind, text, from, further }) => (kind === 'message' ? (further ? '+' : '') + from : text.replace(/[\u2068\u2069]/g, '')));
  is('the rows', shown.join(' / '), 'Today / Bob / 2 messages deleted by Bob / Message deleted by Mod / Message deleted by Cid / Bob / Ann');
  const [both] = rows.filter(({ kind }) => kind === 'gone');
  is('the reason', both.whole.map((line) => line.endsWith(': spam')).join(), 'false,true');
  is('a key of its own', rows.some(({ key }) => key === 'm2'), false);
  const isMine = ({ from }) => from === 'Ann';
  is('new ones', countAfter(record.messages, 0, isMine), 2);
  const { count, mentions } = standingOf({ messages: record.messages, floor: 1, known: true }, 0, isMine, ({ text }) => text === '@ann');
  is('unread ones and mentions', `${count} ${mentions}`, '2 2');
  const divider = new UnreadDivider({ after: 1 }, isMine);
  is('the first unread', divider.landing(record)?.seq, 6);
  return wrong.join('; ');
}
