/** Typing notices expire. */

import { Typing, typingSentence } from '../model/typing.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const typing = new Typing();
  for (const [name, at] of [['Ann', 0], ['Bob', 1000], ['Cid', 2000], ['Ann', 3000]]) typing.received(name, at);
  const at = (now) => typingSentence(typing.names(now)).replace(/[\u2068\u2069]/g, '') + ' ' + typing.next(now);
  const cases = [[at(5000), 'Several people are typing… 1000'], [at(6500), 'Ann and Cid are typing… 500']];
  typing.done('Ann');
  cases.push([at(6600), 'Cid is typing… 400'], [at(7000), ' Infinity']);
  return cases.filter(([got, want]) => got !== want).join('; ');
}
