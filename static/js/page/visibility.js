/**
 * Whether somebody looks at a room: it is shown, in a tab that is to be seen, in the window that
 * has the keyboard. Other tabs of the browser can ask, too, so that none of them calls for a
 * room that is read in another. Each tab holds a lock with the name of what it looks at; where
 * there are no locks (plain HTTP from another machine) each tab knows of itself only.
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

/** @param {string} slug  @returns {Promise<boolean>} whether somebody looks at it in any tab */
export async function isVisibleInAnyTab(slug) {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.some(({ name }) => name === LOCK + slug);
}

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 * @param {() => void} changed  called when somebody begins or ends to look
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

/** @returns {() => void} releases it, also before it is ours */
function hold(name) {
  let release = () => {};
  const released = new Promise((resolve) => (release = () => resolve(undefined)));
  navigator.locks?.request(name, { mode: 'shared' }, () => released);
  return release;
}
