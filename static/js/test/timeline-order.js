/** Days, groups, notices, and waiting drafts, in order. */

import { nextChange, timeline } from '../model/timeline.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const now = new Date(2026, 5, 10, 12).getTime();
  const ago = (minutes) => new Date(now - minutes * 60_000).toISOString();
  const m = (seq, from, minutes) => ({ id: 'm' + seq, seq, rev: seq, from, text: '', at: ago(minutes) });
  const shown = (room, away) => timeline({ messages: [], groups: [], drafts: [], me: 'Ann', away, ...room }, now)
    .map((row) => row.kind === 'message' ? (row.further ? '+' : '') + row.from + (row.state && ' ' + row.state) : row.text.replace(/[\u2068\u2069]/g, '')).join(' / ');
  const draft = (minutes, failed = '') => ({ id: 'd' + minutes, text: '', at: now - minutes * 60_000, failed, final: false });
  const cases = [
    [shown({ messages: [m(1, 'Ann', 1500), m(2, 'Ann', 20), m(3, 'Ann', 16), m(4, 'Bob', 15), m(5, 'Ann', 14), m(6, 'Ann', 8)] }),
      'Yesterday / Ann / Today / Ann / +Ann / Bob / Ann / Ann'],
    [shown({ messages: [m(8, 'Bob', 3), m(9, 'Bob', 2)], groups: [
      { after: 2, notices: [{ name: 'Eve', what: 'left' }] },
      { after: 8, notices: [{ name: 'Cid', what: 'joined' }, { name: 'Dan', what: 'left' }, { name: 'Eve', what: 'joined' }, { name: 'Flo', what: 'joined' }] },
      { after: 9, notices: [{ name: 'Cid', what: 'left' }] }] }),
      'Today / Bob / Dan left, Cid, Eve and 1 more joined / Bob / Cid left'],
    [shown({ messages: [m(1, 'Ann', 3)], drafts: [draft(2), draft(1, 'Not stored.'), draft(0)] }, true),
      'Today / Ann / +Ann pending / +Ann failed / +Ann pending / 2 messages will be sent when the connection is back'],
    [shown({ drafts: [draft(0)] }, false), 'Today / Ann pending'],
    [shown({ drafts: [draft(1)] }, false), 'Today / Ann pending / Sending 1 message'],
    [shown({ drafts: [draft(-5)] }, false), 'Today / Ann pending / Sending 1 message'], // the clock was set back
    [String(nextChange([{ at: now + 40 * 86_400_000 }], now) <= 86_400_000), 'true'],
  ];
  return cases.filter(([got, want]) => got !== want).join('; ');
}
