/**
 * Calls for somebody who is looked for and does not look: when a message says their name. One
 * notification a room, which is updated and goes when the room is read, in whatever tab.
 */

import { OURS } from '../lib/base.js';
import { isVisibleInAnyTab, isVisible } from './visibility.js';
import { closeNotification, notificationState, showNotification } from '../lib/notifications.js';
import { titleOf } from '../model/room-name.js';
import { settings } from '../lib/settings.js';
import { say } from '../lib/words.js';

/** What follows within so long, in ms, is shown without a sound. */
const CALM = 60_000;

/** A notification shows a few lines at most. */
const LONGEST = 200;

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {import('./unread.js').Unread} unread
 * @param {AbortSignal} signal
 */
export function watchMentions(chat, unread, signal) {
  const { socket } = chat;
  /** @type {Map<string, number>} up to which seq it was called for in each room */
  const called = new Map();
  /** @type {Set<string>} rooms of which nothing can be shown: neither by this tab nor by another, nor from before */
  const clear = new Set();
  // What was said before the page was opened is no news: it is counted, not called for.
  const begin = (slug) => {
    const last = socket.room(slug)?.record.last ?? 0;
    called.set(slug, Math.min(last, called.get(slug) ?? last));
    return called.get(slug);
  };
  socket.addEventListener('room', ({ detail: { room, reset } }) => (reset || !called.has(room)) && begin(room), { signal });
  unread.addEventListener('change', ({ detail: slug }) => {
    const before = called.get(slug) ?? begin(slug);
    const { mention, count } = unread.of(slug);
    if (mention) {
      clear.delete(slug);
    } else if (count === 0 || !clear.has(slug)) { // not at each message: the worker is asked
      clear.add(slug);
      closeNotification(OURS + slug);
    }
    if (!mention || mention.seq <= before) return;
    called.set(slug, mention.seq);
    call(chat, unread, slug);
  }, { signal });
  navigator.serviceWorker?.addEventListener('message', ({ data }) => {
    if (typeof data?.open === 'string') chat.open(data.open, data.message ?? '');
  }, { signal });
}

/** @type {Map<string, number>} when one for a room made a sound, in ms of the clock that never goes back */
const rang = new Map();

async function call(chat, unread, slug) {
  if (notificationState() !== 'on' || isVisible(chat, slug) || await isVisibleInAnyTab(slug)) return;
  const { mention, mentions } = unread.of(slug);
  if (!mention) return; // read meanwhile
  const { id, from } = mention;
  const text = mention.text.length > LONGEST ? `${mention.text.slice(0, LONGEST)}…` : mention.text;
  const room = chat.socket.room(slug)?.title || titleOf(slug);
  const title = mentions > 1 ? say('notify.several', { n: mentions, room }) : say('notify.one', { from, room });
  const body = mentions > 1 ? say('notify.said', { from, text }) : text;
  const calm = performance.now() - (rang.get(slug) ?? -Infinity) < CALM;
  if (!calm) rang.set(slug, performance.now());
  // Our own tones are sound enough.
  const silent = calm || settings.get('sound') === 'on';
  await showNotification(title, { body, tag: OURS + slug, data: { room: slug, message: id }, silent, renotify: !calm }, () => {
    window.focus();
    chat.open(slug, id);
  });
}
