/**
 * Loads details.js, with the earlier texts of messages and the pinned messages, when the reader first
 * looks at either.
 */

import { say } from '../lib/words.js';

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchMessageDetails(chat, signal) {
  let loading = null;
  const load = () => loading ??= import('../details.js').then((details) => {
    details.watchDetails(chat, signal);
    details.define();
    return details;
  });
  const failed = () => {
    loading = null;
    chat.dispatchEvent(new CustomEvent('complain', { detail: say('banner.unreached') }));
  };
  chat.addEventListener('versions', ({ detail: id }) => load().then(({ openVersions }) => openVersions(chat, id), failed), { signal });
  chat.querySelector('#pins').addEventListener('toggle', ({ newState }) => {
    if (newState === 'open') load().catch(failed);
  }, { signal });
}
