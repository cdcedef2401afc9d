/**
 * The keyboard shortcuts of a focused message. MESSAGE_KEYS is the list for people.
 */

import { settings } from '../lib/settings.js';

/** @type {{keys: string[], say: string}[]}  `say` is a key of the catalogue */
export const MESSAGE_KEYS = [
  { keys: ['↑'], say: 'shortcuts.editLast' },
  { keys: ['R'], say: 'shortcuts.react' },
  { keys: ['Q'], say: 'shortcuts.reply' },
  { keys: ['T'], say: 'shortcuts.thread' },
  { keys: ['E'], say: 'shortcuts.edit' },
  { keys: ['P'], say: 'shortcuts.pin' },
  { keys: ['L'], say: 'shortcuts.copyLink' },
  { keys: ['Del'], say: 'shortcuts.delete' },
];

const ACTIONS = { r: 'pick-reaction', q: 'reply', t: 'reply-in-thread', e: 'edit-message', p: 'pin', l: 'copy-link', delete: 'delete' };

/** The actions for one's own messages. */
const OWN = ['edit-message', 'delete'];

/**
 * @param {HTMLElement} chat  which gets the events: those named in ACTIONS, detail the id of the message
 * @param {AbortSignal} signal
 * @param {Element} [log]  the rows
 */
export function watchMessageKeys(chat, signal, log = chat.querySelector('message-list [role=log]')) {
  log.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    const row = /** @type {HTMLElement} */ (event.target);
    if (!row.matches('.message:not([data-state], [data-editing], [data-leaving])') || event.defaultPrevented || settings.get('shortcuts') === 'off') return;
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const action = ACTIONS[event.key.toLowerCase()];
    if (!action || (OWN.includes(action) && !('mine' in row.dataset))) return;
    event.preventDefault();
    row.dispatchEvent(new CustomEvent(action, { bubbles: true, detail: row.dataset.id }));
  }, { signal });
}
