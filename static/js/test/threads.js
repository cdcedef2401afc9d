/** A thread is complete from some seq on, in its latest state, however its messages arrive. */

import { Mainline } from '../model/mainline.js';
import { RoomRecord } from '../model/room-record.js';
import { ThreadPositions } from '../model/thread-positions.js';
import { ThreadRecord } from '../model/thread-record.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  localStorage.clear();
  const wrong = [];
  const is = (what, got, want) => JSON.stringify(got) === JSON.stringify(want) || wrong.push(`${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`);
  const said = (seq, root = 0, what = {}) => ({ id: 'm' + seq, seq, rev: seq, from: 'Ann', text: 't' + seq, at: '', ...(root && { thread: { root } }), ...what });
  const texts = ({ messages }) => messages.map(({ text }) => text);

  const room = new RoomRecord();
  room.begin({ rev: 9, messages: [said(5), said(6, 2), said(7, 5), said(8), said(9, 5)] });
  const list = new Mainline(room);
  is('the room without replies', texts(list), ['t5', 't8']);
  is('read to the end of the replies', [room.readTo(5), room.readTo(8)], [7, 9]);
  room.put(said(2, 0, { rev: 10, thread: { count: 1 } }));
  is('a root above the record', room.find(2).thread.count, 1);

  const thread = new ThreadRecord(5);
  thread.beginWith(room);
  is('what the room knows', [texts(thread), thread.older], [['t5', 't7', 't9'], false]);
  thread.take(said(7, 5, { rev: 11, text: 'edited' }));
  thread.take(said(7, 5));
  is('the latest state', texts(thread), ['t5', 'edited', 't9']);
  thread.take(said(12, 2));
  is('no other thread', thread.messages.length, 3);

  const long = new ThreadRecord(1);
  long.begin({ rev: 90, messages: [said(1), said(80, 1), said(90, 1)], more: true });
  is('the root last, since there are replies above', [texts(long), long.older], [['t80', 't90'], true]);
  long.take(said(40, 1, { rev: 95, text: 'edited' }));
  is('none above the known ones', texts(long), ['t80', 't90']);
  long.reachBack({ before: 80, messages: [said(40, 1), said(50, 1)], more: false });
  is('all of it, in its latest state', texts(long), ['t1', 'edited', 't50', 't80', 't90']);
  is('another page', long.reachBack({ before: 80, messages: [], more: false }), false);
  const large = new ThreadRecord(1);
  large.begin({ rev: 90, messages: [said(1)], more: true });
  is('a root that fills the page', [large.older, large.floor], [true, 91]);

  for (let seq = 13; seq < 20; seq++) room.put(said(seq, seq % 2 ? 5 : 0));
  room.trim(2);
  is('trimmed by what the room shows', [texts(list), room.floor], [['t16', 't18'], 16]);

  const positions = new ThreadPositions();
  positions.begin('r', 10);
  positions.begin('r', 50);
  is('threads from before the first visit are read', positions.of('r', 3), 10);
  positions.read('r', 3, 14);
  positions.read('r', 3, 12);
  positions.join('r', 3);
  is('they are only read further', [positions.of('r', 3), positions.of('r', 4), positions.takesPart('r', 3), positions.takesPart('r', 4)], [14, 10, true, false]);
  is('another page', [new ThreadPositions().of('r', 3), new ThreadPositions().takesPart('r', 3)], [14, true]);
  positions.readAll('r', 20);
  is('the whole room', [positions.of('r', 3), positions.of('r', 4)], [20, 20]);
  positions.atMost('r', 15);
  is('a room that went back', positions.of('r', 3), 15);
  localStorage.clear();
  return wrong.join('; ');
}
