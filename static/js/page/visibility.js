/**
 * Whether a room is in view: it is shown, in a visible tab, in the window that has the focus.
 * Other tabs can ask as well, so that none of them notifies of a room that is being read in
 * another. Each tab holds a lock named after the room in view; where there are no locks (plain
 * HTTP from another machine), each tab knows only its own view.
 */

import { OURS } from '../lib/base.js';

const LOCK = `${OURS}looking.`;

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {string} slug
 */
export function isVisible(chat, slug) {
  return slug === chat.room && document.visibilityState === 'visible' && document.hasFocus();
}

/** @param {string} slug  @returns {Promise<boolean>} whether it is in view in any tab */
export async function isVisibleInAnyTab(slug) {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.some(({ name }) => name === LOCK + slug);
}

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 * @param {() => void} changed  called when a room comes into view or goes out of it
 */
export function watchVisibility(chat, signal, changed) {
  let looks = '';
  let release = () => {};
  const look = () => {
    const now = isVisible(chat, chat.room) && !signal.aborted ? chat.room : '';
    if (now === looks) return;
    release();
    looks = now;
    release = now ? hold(LOCK + now) : () => {};
    changed();
  };
  for (const event of ['focus', 'blur']) window.addEventListener(event, look, { signal });
  document.addEventListener('visibilitychange', look, { signal });
  chat.addEventListener('shown', look, { signal });
  signal.addEventListener('abort', () => release());
  look();
}

/** @returns {() => void} releases the lock, even before it was granted */
function hold(name) {
  let release = () => {};
  const released = new Promise((resolve) => (release = () => resolve(undefined)));
  navigator.locks?.request(name, { mode: 'shared' }, () => released);
  return release;
}
