/**
 * Shows a notification when a message mentions the reader in a room that is not in view. There is
 * one notification per room; it is updated, and closes when the room is read in any tab.
 */

import { OURS } from '../lib/base.js';
import { isVisibleInAnyTab, isVisible } from './visibility.js';
import { closeNotification, notificationState, showNotification } from '../lib/notifications.js';
import { plainText } from '../model/plain-text.js';
import { titleOf } from '../model/room-name.js';
import { settings } from '../lib/settings.js';
import { say } from '../lib/words.js';

/** How long, in ms, further notifications of a room are silent after one with sound. */
const CALM = 60_000;

/** The number of characters to show; a notification has room for a few lines. */
const LONGEST = 200;

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {import('./unread.js').Unread} unread
 * @param {AbortSignal} signal
 */
export function watchMentions(chat, unread, signal) {
  const { socket } = chat;
  /** @type {Map<string, number>} the seq of the latest mention that was notified, by room */
  const called = new Map();
  /** @type {Set<string>} rooms that have no open notification, by this tab, another tab, or an earlier page */
  const clear = new Set();
  // Mentions from before the page was opened are counted, but cause no notification.
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
    } else if (count === 0 || !clear.has(slug)) { // ask the worker once, not for each message
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

/** @type {Map<string, number>} when a room's notification last made a sound, in ms of the monotonic clock */
const rang = new Map();

async function call(chat, unread, slug) {
  if (notificationState() !== 'on' || isVisible(chat, slug) || await isVisibleInAnyTab(slug)) return;
  const { mention, mentions } = unread.of(slug);
  if (!mention) return; // read in the meantime
  const { id, from } = mention;
  const words = plainText(mention.text);
  const text = words.length > LONGEST ? `${words.slice(0, LONGEST)}…` : words;
  const room = chat.socket.room(slug)?.title || titleOf(slug);
  const title = mentions > 1 ? say('notify.several', { n: mentions, room }) : say('notify.one', { from, room });
  const body = mentions > 1 ? say('notify.said', { from, text }) : text;
  const calm = performance.now() - (rang.get(slug) ?? -Infinity) < CALM;
  if (!calm) rang.set(slug, performance.now());
  // With the page's own sound on, the notification is silent.
  const silent = calm || settings.get('sound') === 'on';
  await showNotification(title, { body, tag: OURS + slug, data: { room: slug, message: id }, silent, renotify: !calm }, () => {
    window.focus();
    chat.open(slug, id);
  });
}
