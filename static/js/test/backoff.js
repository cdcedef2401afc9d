/** A wait is a random time below a bound that doubles. */

import { Backoff } from '../lib/backoff.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const bounds = (random, spread) => { const b = new Backoff(() => random); return [0, 1, 2, 3, 4, 5, 6].map(() => b.next(spread)).join(); };
  const cases = [
    [bounds(0), '0,0,0,0,0,0,0'],
    [bounds(1), '1000,2000,4000,8000,16000,30000,30000'],
    [bounds(.5), '500,1000,2000,4000,8000,15000,15000'],
    [bounds(1, 5000), '5000,5000,5000,8000,16000,30000,30000'],
  ];
  const b = new Backoff(() => 1);
  b.next(); b.next(); b.reset();
  cases.push([String(b.next()), '1000']);
  return cases.filter(([got, want]) => got !== want).join('; ');
}
