/** A message is read after it was visible for a second. */

import { Reading } from '../model/reading.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const wrong = [];
  const reading = new Reading();
  const is = (what, got, want) => got === want || wrong.push(what + ': ' + got);
  reading.begin(3);
  is('at once', reading.look([3, 4, 5], 0), false);
  is('soon', reading.wait(400), 600);
  is('a moment less', reading.look([3, 4, 5], 999), false);
  is('a second', reading.look([4, 5, 6], 1000) && reading.upTo, 5);
  is('the next', reading.wait(1000), 1000);
  is('looked away', reading.look([], 1500), false);
  is('nothing to wait for', reading.wait(1500), Infinity);
  is('back', reading.look([6, 7], 1600), false);
  is('from then on', reading.look([6, 7], 2100), false);
  is('scrolled on', reading.look([7], 2650) && reading.upTo, 7);
  is('above', reading.look([1, 2], 9000) || reading.look([1, 2], 19000), false);
  return wrong.join('; ');
}
