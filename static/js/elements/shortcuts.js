/**
 * The page's keyboard shortcuts, as a table for the list that people read. `say` is a key of the
 * catalogue.
 */

import { MESSAGE_KEYS } from './message-keys.js';
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
  ...MESSAGE_KEYS,
  { keys: ['?'], say: 'shortcuts.list' },
];

/**
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the target is a text field, where a letter is no shortcut
 */
export function isTyping({ target }) {
  return target instanceof Element && target.closest('input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]') !== null;
}
