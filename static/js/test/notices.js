/** Join and leave notices, shortened and in full. */

import { sentencesOf } from '../model/notices.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const told = (...notices) => { const { text, whole } = sentencesOf(notices.map((note) => { const [name, what] = note.split(' '); return { name, what }; })); return [text, ...whole].join(' / ').replace(/[\u2068\u2069]/g, ''); };
  const cases = [
    [told('Bob joined'), 'Bob joined'],
    [told('Bob joined', 'Cid joined'), 'Bob and Cid joined'],
    [told('Bob joined', 'Cid left'), 'Cid left, Bob joined'],
    [told('Ann joined', 'Bob joined', 'Cid joined', 'Dan joined', 'Eve joined'), 'Ann, Bob and 3 more joined / Ann, Bob, Cid, Dan, and Eve joined'],
    [told('Ann joined', 'Bob left', 'Cid left', 'Dan left'), 'Bob, Cid and 1 more left, Ann joined / Bob, Cid, and Dan left / Ann joined'],
  ];
  return cases.filter(([got, want]) => got !== want).join('; ');
}
