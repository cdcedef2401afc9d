/**
 * Loads details.js, with the earlier texts of messages, the pinned messages and threads, when the
 * reader first looks at one of them.
 */

import { watchMessageActions } from '../elements/message-actions.js';
import { watchMessageKeys } from '../elements/message-keys.js';
import { keepReply, replyOf } from '../model/room-drafts.js';
import { threadPositions } from '../model/thread-positions.js';
import { seenBy } from './message-changes.js';
import { quoting } from './replies.js';
import { reveal } from './reveal.js';
import { say } from '../lib/words.js';

/** What has state and is in this bundle; details.js has copies of its own of all that it imports. */
const shared = { keepReply, quoting, replyOf, reveal, seenBy, threadPositions, watchMessageActions, watchMessageKeys };

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchMessageDetails(chat, signal) {
  let loading = null;
  const load = () => loading ??= Promise.all([import('../details.js'), loadStyles()]).then(([details]) => {
    details.watchDetails(chat, signal, shared);
    details.define();
    return details;
  });
  const failed = () => {
    loading = null;
    chat.dispatchEvent(new CustomEvent('complain', { detail: say('banner.unreached') }));
  };
  chat.addEventListener('versions', ({ target, detail: id }) => load().then(({ openVersions }) => openVersions(chat, target, id), failed), { signal });
  chat.addEventListener('open-thread', ({ target, detail }) => load().then(({ openThread }) => openThread(target, typeof detail === 'string' ? { root: detail } : detail), failed), { signal });
  chat.addEventListener('reply-in-thread', ({ target, detail: root }) => load().then(({ openThread }) => openThread(target, { root, write: true }), failed), { signal });
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
