/** Slugs and titles of rooms. */

import { learnAddress, slugOf, titleOf, pathOf, roomOf } from '../model/room-name.js';

/** A renamed room, with its new and its former address. */
function ofARenamedRoom() {
  learnAddress('cave', 'grotto');
  const before = [pathOf('cave'), pathOf('cave', 7), roomOf('/rooms/grotto/7'), roomOf('/rooms/cave'), pathOf('den')].join(' ');
  learnAddress('cave', 'cave');
  return `${before}, ${pathOf('cave')} ${roomOf('/rooms/grotto')}`;
}

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const cases = [
    [slugOf('  Night  Watch '), 'night-watch'], [slugOf('a/b'), ''], [slugOf(''), ''], [slugOf('x'.repeat(65)), ''], [slugOf('Äpfel'), ''],
    [titleOf('night-watch'), 'Night watch'], [titleOf('--'), '--'],
    [pathOf('lobby'), '/'], [pathOf('x'), '/rooms/x'], [roomOf('/'), 'lobby'],
    [ofARenamedRoom(), '/rooms/grotto /rooms/grotto/7 cave cave /rooms/den, /rooms/cave cave'], [roomOf('/rooms/X-1'), 'x-1'],
  ];
  return cases.filter(([got, want]) => got !== want).join('; ');
}
