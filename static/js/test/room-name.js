/** Slugs and titles of rooms. */

import { slugOf, titleOf, pathOf, roomOf } from '../model/room-name.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const cases = [
    [slugOf('  Night  Watch '), 'night-watch'], [slugOf('a/b'), ''], [slugOf(''), ''], [slugOf('x'.repeat(65)), ''], [slugOf('Äpfel'), ''],
    [titleOf('night-watch'), 'Night watch'], [titleOf('--'), '--'],
    [pathOf('lobby'), '/'], [pathOf('x'), '/rooms/x'], [roomOf('/'), 'lobby'], [roomOf('/rooms/X-1'), 'x-1'],
  ];
  return cases.filter(([got, want]) => got !== want).join('; ');
}
