/**
 * Links to messages: a message's address is that of its room with the message's id after a #.
 * Opening one, from anywhere, takes the reader to the message.
 */

import { ORIGIN } from '../lib/base.js';
import { roomOf } from '../model/room-name.js';
import { reveal } from './reveal.js';
import { say } from '../lib/words.js';

/** The number of history pages to load in search of a message; beyond it, it counts as not found. */
const MOST_PAGES = 50;

/** How long to wait for a page of history, in ms, before giving up because the connection is lost. */
const PATIENCE = 10_000;

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
    const id = idOf(location.hash);
    if (id) seek(chat, chat.room, id, search.signal);
  }, { signal });
  signal.addEventListener('abort', () => search.abort());
  chat.addEventListener('click', (event) => follow(chat, event), { signal });
}

/** @returns {string} the message id of an address; '' if its # holds something else */
function idOf(hash) {
  const id = hash.toLowerCase();
  return MESSAGE.test(id) ? id.slice(1) : '';
}

// Opens a link to one of our rooms without loading a page.
function follow(chat, event) {
  const link = event.target.closest('.message-text a[href]');
  if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const { origin, pathname, search, hash } = new URL(link.href);
  const room = roomOf(pathname);
  if (origin !== location.origin && origin !== ORIGIN || search || !room) return;
  event.preventDefault();
  chat.open(room, idOf(hash));
}

async function seek(chat, slug, id, signal) {
  const list = chat.querySelector('message-list');
  for (let pages = 0; pages <= MOST_PAGES; pages++) {
    if (!chat.socket.room(slug)?.record.known && !await nextPage(chat, slug, signal)) return;
    const { record } = chat.socket.room(slug);
    if (record.has(id)) {
      await list.bring?.(id); // a list that draws only part of the record
      await reveal(list, id, signal);
      return;
    }
    if (!record.older) {
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
