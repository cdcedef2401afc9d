/**
 * The keys of the page and what they do: one table for the list that people read. `say` is the
 * key of the catalogue.
 */

import { ROOM_KEYS } from './room-keys.js';

/**
 * @typedef {{keys: string[], say: string}} Shortcut
 * @type {Shortcut[]}
 */
export const SHORTCUTS = [
  { keys: ['Enter'], say: 'shortcuts.send' },
  { keys: ['Shift', 'Enter'], say: 'shortcuts.line' },
  { keys: ['Esc'], say: 'shortcuts.close' },
  ...ROOM_KEYS,
  { keys: ['?'], say: 'shortcuts.list' },
];

/**
 * @param {KeyboardEvent} event
 * @returns {boolean} whether somebody writes: then a letter is a letter
 */
export function isTyping({ target }) {
  return target instanceof Element && target.closest('input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]') !== null;
}
