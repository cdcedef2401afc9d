/** Counting incrementally gives the same result as counting from scratch. */

import { ReadPositions } from '../model/read-positions.js';
import { RoomRecord } from '../model/room-record.js';
import { Unread, standingOf } from '../page/unread.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  localStorage.clear();
  let state = 7;
  const random = (n) => (state = (state * 1103515245 + 12345) % 2147483648) % n;
  for (let round = 0; round < 100; round++) {
    const record = new RoomRecord();
    const socket = Object.assign(new EventTarget(), { user: { name: 'Ann' }, room: () => ({ record }) });
    const positions = new ReadPositions();
    const unread = new Unread(socket, positions, new AbortController().signal);
    const hears = (reset) => socket.dispatchEvent(new CustomEvent('room', { detail: { room: 'r', reset } }));
    let rev = random(50);
    const said = (seq, at = seq) => ({ id: 'm' + seq, seq, rev: at, from: random(3) ? 'Bob' : 'Ann', text: random(4) ? 'x' : '@ann', at: '' });
    record.begin({ rev, messages: rev ? [said(rev)] : [] });
    positions.atMost('r', rev);
    hears(true);
    for (let step = 0; step < 60; step++) {
      const what = random(12);
      const since = rev;
      if (what < 5) record.cover({ since, rev: ++rev, messages: [said(rev)] });
      else if (what < 7) record.cover({ since, rev: rev += 3, messages: [said(rev - 2), said(rev - 1), said(rev)] });
      else if (what === 7 && record.messages.length) record.cover({ since, rev: ++rev, messages: [said(record.messages.at(-1 - random(record.messages.length)).seq, rev)] });
      else if (what === 8) record.cover({ since, rev: rev += 2, messages: [said(rev - 1, rev)] });
      else if (what === 9) record.put({ ...said(rev + 1), from: 'Ann' }); // acknowledged, but not received yet
      else if (what === 10) positions.read('r', random(rev + 1));
      else if (what === 11 && record.older) record.reachBack({ before: record.floor, messages: [], more: false });
      hears(false);
      const got = unread.of('r');
      const want = standingOf(record, positions.of('r'), ({ from }) => from === 'Ann', ({ text }) => text === '@ann');
      if (JSON.stringify(got) !== JSON.stringify(want)) return 'round ' + round + ', step ' + step + ': ' + JSON.stringify([got, want]);
    }
    positions.forget('r');
  }
  return '';
}
