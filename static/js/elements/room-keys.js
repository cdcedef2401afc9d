/**
 * The keyboard shortcuts for switching rooms. ROOM_KEYS is the list for people, actionOf maps keys
 * to actions; both are pure.
 */

import { readPositions } from '../model/read-positions.js';
import { settings } from '../lib/settings.js';
import { threadPositions } from '../model/thread-positions.js';
import { say } from '../lib/words.js';

const APPLE = /Mac|iPhone|iPad/.test(navigator.platform);

/** The modifier key of application shortcuts, as labelled on the keyboard. */
export const COMMAND = APPLE ? '⌘' : 'Ctrl';

/**
 * @typedef {'jump'|'previous'|'next'|'previousUnread'|'nextUnread'|'read'} Action
 * @type {{keys: string[], say: string}[]}  `say` is a key of the catalogue
 */
export const ROOM_KEYS = [
  { keys: [COMMAND, 'K'], say: 'shortcuts.jump' },
  { keys: ['Alt', '↑'], say: 'shortcuts.previous' },
  { keys: ['Alt', '↓'], say: 'shortcuts.next' },
  { keys: ['Alt', 'Shift', '↑'], say: 'shortcuts.previousUnread' },
  { keys: ['Alt', 'Shift', '↓'], say: 'shortcuts.nextUnread' },
  { keys: ['Esc'], say: 'shortcuts.read' },
];

const ACTIONS = { 'c-k': 'jump', 'a-arrowup': 'previous', 'a-arrowdown': 'next', 'as-arrowup': 'previousUnread', 'as-arrowdown': 'nextUnread', '-escape': 'read' };

/**
 * @param {{key: string, altKey: boolean, ctrlKey: boolean, metaKey: boolean, shiftKey: boolean}} event
 * @returns {Action|''}
 */
export function actionOf({ key, altKey, ctrlKey, metaKey, shiftKey }) {
  const held = [(ctrlKey || metaKey) && 'c', altKey && 'a', shiftKey && 's'].filter(Boolean).join('');
  return ACTIONS[`${held}-${key.toLowerCase()}`] ?? '';
}

/**
 * @param {string[]} slugs   in the order they are listed
 * @param {string} current
 * @param {Action} action
 * @param {(slug: string) => boolean} isUnread
 * @returns {string} the slug of the room to switch to, '' if there is none
 */
export function destination(slugs, current, action, isUnread) {
  const at = slugs.indexOf(current);
  if (action === 'previous') return slugs[at - 1] ?? '';
  if (action === 'next') return slugs[at + 1] ?? '';
  const round = [...slugs.slice(at + 1), ...slugs.slice(0, at)];
  return (action === 'nextUnread' ? round : round.reverse()).find(isUnread) ?? '';
}

/** @param {string} key  of ROOM_KEYS  @returns {string} a description for people */
export const sentenceOf = (key) => say('shortcuts.' + key.split('.')[1]);

/**
 * @param {import('../page/chat-room.js').ChatRoom} chat
 * @param {import('../page/unread.js').Unread} unread
 * @param {AbortSignal} signal
 */
export function watchRoomKeys(chat, unread, signal) {
  document.addEventListener('keydown', (event) => {
    const action = actionOf(event);
    if (!action || event.defaultPrevented || event.isComposing) return;
    if (!chat.socket.user || chat.querySelector('join-form')) return;
    const open = document.querySelector('dialog[open], :popover-open');
    if (open && (action === 'read' || open.matches('dialog'))) return;
    if (action === 'read' && !chat.dispatchEvent(new CustomEvent('escape', { cancelable: true }))) return; // it closed a panel
    if (settings.get('shortcuts') === 'off') return;
    if (action !== 'read') event.preventDefault();
    act(chat, unread, action);
  }, { signal });
}

function act(chat, unread, action) {
  if (action === 'jump') {
    chat.querySelector('room-switcher').open();
  } else if (action === 'read') {
    const { known, last } = chat.socket.room(chat.room).record;
    if (known) readPositions.read(chat.room, last);
    if (known) threadPositions.readAll(chat.room, last);
  } else {
    const to = destination(chat.querySelector('room-list').slugs, chat.room, action, (slug) => unread.of(slug).count > 0);
    if (to) chat.open(to);
  }
}
