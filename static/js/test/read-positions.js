/** Read positions of rooms. */

import { ReadPositions } from '../model/read-positions.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  localStorage.clear();
  const positions = new ReadPositions();
  const heard = [];
  positions.addEventListener('change', ({ detail }) => heard.push(detail + positions.of(detail)));
  positions.read('a', 0);
  positions.read('a', 7);
  positions.read('a', 5);
  positions.atMost('a', 9);
  positions.atMost('a', 3); // the server's database was restored
  positions.read('a', 4);
  positions.forget('a');
  localStorage.setItem('chatserver.read.b-c', '8');
  positions.changedElsewhere('chatserver.read.b-c');
  positions.changedElsewhere('chatserver.draft.b-c');
  positions.changedElsewhere(null); // any key may have changed, and none has
  localStorage.setItem('chatserver.read.b-c', '12'); // by another tab, whose storage event has not arrived
  positions.read('b-c', 10);
  if (localStorage.getItem('chatserver.read.b-c') !== '12') return 'another tab had read more';
  positions.changedElsewhere(null);
  localStorage.clear();
  return heard.join() === 'a0,a7,a3,a4,a-1,b-c8,b-c12' ? '' : heard.join();
}
