/** Where the unread divider stands. */

import { UnreadDivider } from '../model/unread-divider.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const wrong = [];
  const is = (what, got, want) => got === want || wrong.push(what + ': ' + got + ' instead of ' + want);
  const m = (seq, from = 'Bob') => ({ id: 'm' + seq, seq, from });
  const record = (from, to, more = {}) => ({ known: true, floor: from, older: from > 1, messages: Array.from({ length: to - from + 1 }, (_, i) => m(from + i)), ...more });
  const divider = (after) => new UnreadDivider(after === null ? null : { after }, ({ from }) => from === 'Ann');
  const seen = (divider, record) => (divider.seek(record) ? 'older' : (divider.landing(record)?.seq ?? '-') + ' ' + (divider.first?.seq ?? '-'));
  is('never here', seen(divider(null), record(1, 9)), '- -');
  is('all read', seen(divider(9), record(1, 9)), '- -');
  const some = divider(5);
  is('unknown', seen(some, { known: false, messages: [] }), '- -');
  is('some', seen(some, record(1, 9)), '6 6');
  is('once', seen(some, record(1, 20)), '- 6');
  const live = divider(9);
  seen(live, record(1, 9));
  is('what comes later', seen(live, record(1, 20)), '- -');
  is('mine only', seen(divider(1), record(1, 3, { messages: [m(1), m(2, 'Ann'), m(3, 'Ann')] })), '- -');
  is('mine first', seen(divider(1), record(1, 3, { messages: [m(1), m(2, 'Ann'), m(3)] })), '3 3');
  const far = divider(50);
  let floor = 401;
  for (; seen(far, record(floor, 500)) === 'older'; floor -= 100) { far.asked(record(floor, 500)); far.asked(record(floor, 500)); }
  is('pages back', floor, 1);
  is('found there', far.first?.seq, 51);
  const lost = divider(50);
  let pages = 0;
  for (floor = 9001; lost.seek(record(floor, 9100)); floor -= 100, pages++) lost.asked(record(floor, 9100));
  is('pages, and no more', pages, 10);
  is('the oldest there is', seen(lost, record(floor, 9100)), floor + ' -');
  is('nothing is fetched any more', lost.seek(record(floor - 100, 9100)), false);
  is('found by reading on', lost.seek(record(1, 9100)) || lost.first.seq, 51);
  is('and no second landing', lost.landing(record(1, 9100)), null);
  const gone = divider(5);
  gone.cancel();
  is('who went elsewhere', seen(gone, record(1, 9)), '- 6');
  return wrong.join('; ');
}
