/** Groups and days are right at the edges of the drawn part. */

import { timeline } from '../model/timeline.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const now = new Date(2026, 5, 10, 12).getTime();
  const m = (seq, from, minutes, author) => ({ id: 'm' + seq, seq, rev: seq, from, author, text: '', at: new Date(now - minutes * 60_000).toISOString() });
  const all = [m(1, 'Ann', 1500), m(2, 'Ann', 1499), m(4, 'Ann', 9), m(5, 'Ann', 8), m(6, 'Bob', 7, 'b1'), m(7, 'Bob', 6, 'b2'), m(8, 'Bob', 5, 'b2')];
  const groups = [{ after: 2, notices: [{ name: 'Cid', what: 'joined' }] }, { after: 6, notices: [{ name: 'Dan', what: 'left' }, { name: 'Ann', what: 'joined' }] }, { after: 8, notices: [{ name: 'Ann', what: 'joined' }, { name: 'Eve', what: 'left' }] }];
  const drafts = [{ id: 'd', text: '', at: now, failed: '' }];
  const shown = (room) => timeline({ messages: all, groups: [], drafts: [], me: 'Ann', away: false, ...room }, now)
    .map((row) => row.kind === 'message' ? (row.further ? '+' : '') + row.from : row.text.replace(/ [0-9].*|[\u2068\u2069]/g, ''));
  const wrong = [];
  const whole = shown({ groups, drafts });
  const want = 'Yesterday / Ann / +Ann / Cid joined / Today / Ann / +Ann / Bob / Dan left / Bob / +Bob / Eve left / Ann';
  if (whole.join(' / ') !== want) wrong.push(whole.join(' / '));
  // Wherever the list is cut, its two halves equal the whole.
  for (let i = 1; i < all.length; i++) {
    const halves = [...shown({ messages: all.slice(0, i), groups, drafts, ends: false }), ...shown({ messages: all.slice(i), above: all[i - 1], groups, drafts })];
    if (halves.join() !== whole.join()) wrong.push(i + ': ' + halves.join(' / '));
  }
  const marked = shown({ unread: all[3] }).join(' / ');
  if (marked !== 'Yesterday / Ann / +Ann / Today / Ann / New since / Ann / Bob / Bob / +Bob') wrong.push(marked);
  if (shown({ messages: all.slice(4), above: all[3], unread: all[3] }).includes('New since')) wrong.push('a divider above what is drawn');
  if (shown({ messages: all.slice(0, 2), unread: all[3] }).includes('New since')) wrong.push('a divider below it');
  return wrong.join('; ');
}
