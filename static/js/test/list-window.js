/** A window is bounded, and moves up and down without gaps. */

import { ListWindow } from '../model/list-window.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const wrong = [];
  const is = (what, got, want) => got === want || wrong.push(what + ': ' + got + ' instead of ' + want);
  const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => ({ seq: 2 * (from + i) })); // edits took the odd revs
  const list = new ListWindow();
  const part = (messages, pinned) => { const { start, end } = list.part(messages, pinned); return start + '-' + end + (list.atNewest ? '' : '…'); };
  is('empty', part([], true), '0-0');
  is('few', part(range(1, 10), true), '0-10');
  is('pinned', part(range(1, 1000), true), '850-1000');
  is('going up', list.up(range(1, 1000)), true);
  is('above', part(range(1, 1000), false), '800-950…');
  is('what comes outside', part(range(1, 1200), false), '800-950…');
  is('what comes above', part(range(-99, 1000), false), '900-1050…');
  is('what goes above', part(range(701, 1000), false), '100-250…');
  is('going down', list.down(range(1, 1000)), true);
  is('the end', part(range(1, 1000), false), '850-1000');
  is('no farther', list.down(range(1, 1000)), false);
  is('full, and something comes', part(range(1, 1001), false), '850-1000…');
  for (let i = 0; i < 40; i++) list.up(range(1, 1000));
  is('the beginning', part(range(1, 1000), false), '0-150…');
  is('no higher', list.up(range(1, 1000)), false);
  is('all of it trimmed', part(range(500, 1000), false), '0-150…');
  list.around(range(1, 1000), 2 * 400);
  is('around', part(range(1, 1000), false), '349-499…');
  list.around(range(1, 1000), 2 * 999);
  is('around the end', part(range(1, 1000), false), '850-1000');
  list.fit(4000);
  is('a wall', part(range(1, 1000), true), '555-1000');
  list.toNewest();
  is('cleared', part([], false), '0-0');
  is('and gone on', part(range(1, 5), false), '0-5');
  return wrong.join('; ');
}
