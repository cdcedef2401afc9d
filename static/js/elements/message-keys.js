/**
 * The keyboard shortcuts of a focused message. MESSAGE_KEYS is the list for people.
 */

import { settings } from '../lib/settings.js';

/** @type {{keys: string[], say: string}[]}  `say` is a key of the catalogue */
export const MESSAGE_KEYS = [
  { keys: ['↑'], say: 'shortcuts.editLast' },
  { keys: ['R'], say: 'shortcuts.react' },
  { keys: ['Q'], say: 'shortcuts.reply' },
  { keys: ['E'], say: 'shortcuts.edit' },
  { keys: ['P'], say: 'shortcuts.pin' },
  { keys: ['L'], say: 'shortcuts.copyLink' },
  { keys: ['Del'], say: 'shortcuts.delete' },
];

const ACTIONS = { r: 'pick-reaction', q: 'reply', e: 'edit-message', p: 'pin', l: 'copy-link', delete: 'delete' };

/** The actions for one's own messages. */
const OWN = ['edit-message', 'delete'];

/**
 * @param {HTMLElement} chat  which gets the events: those named in ACTIONS, detail the id of the message
 * @param {AbortSignal} signal
 */
export function watchMessageKeys(chat, signal) {
  chat.querySelector('message-list [role=log]').addEventListener('keydown', (event) => {
    const row = event.target;
    if (!row.matches('.message:not([data-state], [data-editing], [data-leaving])') || event.defaultPrevented || settings.get('shortcuts') === 'off') return;
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const action = ACTIONS[event.key.toLowerCase()];
    if (!action || (OWN.includes(action) && !('mine' in row.dataset))) return;
    event.preventDefault();
    row.dispatchEvent(new CustomEvent(action, { bubbles: true, detail: row.dataset.id }));
  }, { signal });
}
