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
  const load = () => loading ??= Promise.all([import('../details.js'), loadStyles()]).then(([details]) => {
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

/** Loads css/details.css, which lies beside the style sheet of the page. */
function loadStyles() {
  const { href } = /** @type {HTMLLinkElement} */ (document.querySelector('link[rel=stylesheet]'));
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: href.replace(/[^/]+$/, 'details.css') });
  const loaded = new Promise((resolve, reject) => {
    link.addEventListener('load', resolve);
    link.addEventListener('error', () => {
      link.remove();
      reject(new Error('css/details.css is not there'));
    });
  });
  document.head.append(link);
  return loaded;
}
