/** Unread are the messages by others after the read position. */

import { RoomRecord } from '../model/room-record.js';
import { standingOf } from '../page/unread.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  let state = 42;
  const random = (n) => (state = (state * 1103515245 + 12345) % 2147483648) % n;
  for (let round = 0; round < 300; round++) {
    const record = new RoomRecord();
    const all = [];
    let [rev, read] = [0, -1];
    record.begin({ rev, messages: [] });
    read = 0;
    for (let step = 0; step < 60; step++) {
      const what = random(10);
      if (what < 5) {
        const message = { id: 'm' + ++rev, seq: rev, rev, from: random(3) ? 'Bob' : 'Ann', text: random(4) ? 'x' : '@ann', at: '' };
        all.push(message);
        record.cover({ since: rev - 1, rev, messages: [message] });
      } else if (what === 5 && all.length) {
        const at = random(all.length);
        all[at] = { ...all[at], rev: ++rev, text: 'edited' };
        record.cover({ since: rev - 1, rev, messages: [all[at]] });
      } else if (what === 6) {
        read = Math.max(read, random(rev + 1));
      } else if (what === 7) {
        record.begin({ rev, messages: all.slice(-100) });
        if (all.length <= 100) record.floor = 1;
      } else if (what === 8 && record.older) {
        const above = all.filter(({ seq }) => seq < record.floor);
        record.reachBack({ before: record.floor, messages: above, more: false });
      }
      const got = standingOf(record, read, ({ from }) => from === 'Ann', ({ text }) => text === '@ann');
      const want = all.filter(({ seq, from }) => seq > read && from !== 'Ann');
      const called = want.filter(({ text }) => text === '@ann');
      if (got.count !== want.length || got.mentions !== called.length || got.mention?.id !== called.at(-1)?.id) {
        return 'round ' + round + ', step ' + step + ': ' + got.count + ' instead of ' + want.length;
      }
    }
  }
  const far = new RoomRecord();
  far.begin({ rev: 500, messages: [{ id: 'x', seq: 500, rev: 500, from: 'Bob', text: '', at: '' }] });
  const count = (read) => standingOf(far, read, () => false, () => false).count;
  return [count(490), count(499), count(500), count(-1)].join() === '10,1,0,0' ? '' : 'far: ' + [count(490), count(499), count(500), count(-1)];
}
