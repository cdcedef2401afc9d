/**
 * The address of a message is that of its room and the message's id behind a #. Whoever follows
 * one, from wherever, is led to the message.
 */

import { ORIGIN } from '../lib/base.js';
import { roomOf } from '../model/room-name.js';
import { reveal } from './reveal.js';
import { say } from '../lib/words.js';

/** So many pages are read back for a message; beyond it is another way of searching. */
const MOST_PAGES = 50;

/** A page of history that takes longer, in ms, does not come: the connection is away. */
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

/** @returns {string} the message of an address; '' if what is behind its # is something else */
function idOf(hash) {
  const id = hash.toLowerCase();
  return MESSAGE.test(id) ? id.slice(1) : '';
}

// A link to a room of ours loads no page.
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
      await list.bring?.(id); // a list that draws only a part of the record
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

/** @returns {Promise<boolean>} false if nothing comes any more, or nobody waits */
function nextPage(chat, slug, signal) {
  return new Promise((resolve) => {
    const heard = new AbortController();
    const timer = setTimeout(() => end(false), PATIENCE);
    const end = (came) => {
      heard.abort();
      clearTimeout(timer);
      resolve(came);
    };
    chat.socket.addEventListener('room', ({ detail }) => detail.room === slug && end(true), { signal: heard.signal });
    signal.addEventListener('abort', () => end(false), { signal: heard.signal });
    if (signal.aborted) end(false);
  });
}

function complain(chat, sentence) {
  chat.dispatchEvent(new CustomEvent('complain', { detail: sentence }));
}
