/** The best match comes first. */

import { rank } from '../lib/fuzzy.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const cases = [
    ['', 'b|a|c', 'b|a|c'],
    ['nw', 'Answer|Night watch|Snowy', 'Night watch|Snowy|Answer'],
    ['lo', 'Photo log|Slow|Lobby|Hello|Old', 'Lobby|Photo log|Slow|Hello'],
    ['cafe', 'Facade|Café', 'Café'],
    ['CAFÉ', 'cafe', 'cafe'],
    ['ni wa', 'Night watch', 'Night watch'],
    ['boo', 'Big old oak|Bookings|Boo', 'Boo|Bookings|Big old oak'],
    ['наталь', 'Наталья|Anna', 'Наталья'],
    ['صور', 'صور جديدة|x', 'صور جديدة'],
    ['zz', 'z|az', ''],
    ['aaa', 'aa', ''],
  ];
  const got = (query, texts) => rank(query, texts.split('|'), (text) => text).join('|');
  return cases.filter(([query, texts, want]) => got(query, texts) !== want).map(([query, texts]) => query + ': ' + got(query, texts)).join('; ');
}
