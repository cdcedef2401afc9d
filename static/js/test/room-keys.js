/** Which room each shortcut leads to. */

import { actionOf, destination, ROOM_KEYS, sentenceOf } from '../elements/room-keys.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const event = (key, ...held) => ({ key, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, ...Object.fromEntries(held.map((name) => [name + 'Key', true])) });
  const rooms = ['lobby', 'a', 'b', 'c'];
  const to = (current, action, ...unread) => destination(rooms, current, action, (slug) => unread.includes(slug));
  const cases = [
    [actionOf(event('k', 'ctrl')), 'jump'], [actionOf(event('K', 'meta')), 'jump'], [actionOf(event('k')), ''], [actionOf(event('K', 'ctrl', 'shift')), ''],
    [actionOf(event('ArrowUp', 'alt')), 'previous'], [actionOf(event('ArrowDown')), ''], [actionOf(event('ArrowDown', 'alt', 'shift')), 'nextUnread'],
    [actionOf(event('Escape')), 'read'], [actionOf(event('Escape', 'shift')), ''],
    [to('a', 'next'), 'b'], [to('c', 'next'), ''], [to('lobby', 'previous'), ''], [to('gone', 'next'), 'lobby'],
    [to('a', 'nextUnread', 'lobby', 'c'), 'c'], [to('c', 'nextUnread', 'lobby'), 'lobby'], [to('a', 'previousUnread', 'c'), 'c'], [to('a', 'previousUnread', 'a'), ''],
    [ROOM_KEYS.every(({ say }) => sentenceOf(say) !== say), true],
  ];
  return cases.map(([got, want], i) => got === want ? '' : i + ': ' + got).filter(Boolean).join('; ');
}
