/** The differences of two texts are both texts, word by word. */

import { differences } from '../model/text-diff.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const wrong = [];
  const marks = { same: (text) => text, added: (text) => `[+${text}]`, removed: (text) => `[-${text}]` };
  const shown = (before, after) => differences(before, after).map(({ kind, text }) => marks[kind](text)).join('');
  const cases = [
    ['charged as four.', 'charged as three.', 'charged as [-four][+three].'],
    ['A booking is charged.', 'A booking over the change is charged.', 'A booking [+over the change ]is charged.'],
    ['', 'all new', '[+all new]'], ['same', 'same', 'same'], ['été', 'ete', '[-été][+ete]'],
  ];
  for (const [before, after, want] of cases) if (shown(before, after) !== want) wrong.push(shown(before, after));
  let state = 3;
  const random = (n) => (state = (state * 1103515245 + 12345) % 2147483648) % n;
  const text = () => Array.from({ length: random(30) }, () => ['a', 'b', 'c ', ' ', '.'][random(5)]).join('');
  for (let round = 0; round < 500; round++) {
    const [before, after] = [text(), text()];
    const parts = differences(before, after);
    const without = (kind) => parts.filter((part) => part.kind !== kind).map((part) => part.text).join('');
    if (without('added') !== before || without('removed') !== after) wrong.push(JSON.stringify([before, after]));
  }
  const [long, other] = ['x '.repeat(4000), 'y '.repeat(4000)];
  if (differences(long, other).length !== 3) wrong.push('a large table');
  return wrong.join('; ');
}
