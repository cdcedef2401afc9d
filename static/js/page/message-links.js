/**
 * Links to messages: a message's address is that of its room with the message's seq. Earlier versions
 * had its id after a #, as notifications still do. Opening one, from anywhere, takes the reader to
 * the message.
 */

import { ORIGIN } from '../lib/base.js';
import { roomOf, seqOf } from '../model/room-name.js';
import { reveal } from './reveal.js';
import { isTombstone } from '../model/tombstones.js';
import { say } from '../lib/words.js';

/** The number of history pages to load in search of a message; beyond it, it counts as not found. */
const MOST_PAGES = 50;

/** How long to wait for a page of history, in ms, before giving up because the connection is lost. */
const PATIENCE = 10_000;

/** What the address of a root ends in while its thread is open. */
const THREAD = '#thread';

const MESSAGE = /^#[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchMessageLinks(chat, signal) {
  let search = new AbortController();
  chat.addEventListener('shown', () => {
    search.abort();
    search = new AbortController();
    const wanted = placeOf(location);
    if (location.hash === THREAD && wanted) chat.dispatchEvent(new CustomEvent('open-thread', { detail: { root: wanted } }));
    if (wanted) seek(chat, chat.room, typeof wanted === 'number' ? { seq: wanted } : { id: wanted }, search.signal);
  }, { signal });
  signal.addEventListener('abort', () => search.abort());
  chat.addEventListener('click', (event) => follow(chat, event), { signal });
}

/** @returns {string|number} the id or the seq of the message that an address names; '' for none */
function placeOf({ pathname, hash }) {
  const id = hash.toLowerCase();
  return MESSAGE.test(id) ? id.slice(1) : seqOf(pathname) || '';
}

// Opens a link to one of our rooms without loading a page.
function follow(chat, event) {
  const link = event.target.closest('.message-text a[href]');
  if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const address = new URL(link.href);
  const { origin, pathname, search } = address;
  const room = roomOf(pathname);
  if (origin !== location.origin && origin !== ORIGIN || search || !room) return;
  event.preventDefault();
  chat.open(room, placeOf(address));
}

/**
 * Takes the reader to a message, through as many older pages as needed.
 *
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {string} slug
 * @param {{id?: string, seq?: number}} wanted
 * @param {AbortSignal} [signal]
 */
export async function seek(chat, slug, wanted, signal = new AbortController().signal) {
  const list = chat.querySelector('message-list');
  for (let pages = 0; pages <= MOST_PAGES; pages++) {
    if (!chat.socket.room(slug)?.record.known && !await nextPage(chat, slug, signal)) return;
    const { record } = chat.socket.room(slug);
    const found = record.messages.find(({ id, seq }) => id === wanted.id || seq === wanted.seq);
    if (found?.thread?.root && !isTombstone(found)) {
      chat.dispatchEvent(new CustomEvent('open-thread', { detail: { root: found.thread.root, reply: found.id } }));
      return;
    }
    if (found && !isTombstone(found)) {
      await list.bring?.(found.id); // a list that draws only part of the record
      await reveal(list, found.id, signal);
      return;
    }
    if (found || !record.older) {
      complain(chat, say('reveal.gone'));
      return;
    }
    const came = nextPage(chat, slug, signal);
    chat.socket.history(slug);
    if (!await came) return;
  }
  complain(chat, say('reveal.tooFar'));
}

/** @returns {Promise<boolean>} false if no more pages arrive, or the search was aborted */
function nextPage(chat, slug, signal) {
  return new Promise((resolve) => {
    const listening = new AbortController();
    const timer = setTimeout(() => end(false), PATIENCE);
    const end = (came) => {
      listening.abort();
      clearTimeout(timer);
      resolve(came);
    };
    chat.socket.addEventListener('room', ({ detail }) => detail.room === slug && end(true), { signal: listening.signal });
    signal.addEventListener('abort', () => end(false), { signal: listening.signal });
    if (signal.aborted) end(false);
  });
}

function complain(chat, sentence) {
  chat.dispatchEvent(new CustomEvent('complain', { detail: sentence }));
}
