/**
 * Keeps the latest state of each room on this device, so that a page loaded while the server is
 * unreachable shows what its reader saw last: the page that sw.js keeps has no messages. Only rooms
 * that the page is subscribed to are kept, because of the others it does not learn what people
 * edit and delete. Where browsers have no caches (plain HTTP from another machine) nothing is kept,
 * and nothing breaks.
 *
 * @typedef {import('../model/room.js').KeptRoom} KeptRoom
 */

import { at, CACHES } from '../lib/base.js';
import { whoIsHere } from '../lib/storage.js';
import { visitedRooms } from '../model/visited-rooms.js';

/** The cache; sw.js keeps it when it deletes the caches of other builds. */
const ROOMS = `${CACHES}rooms`;

/** The number of messages to keep per room: a screen, and some to scroll up to. */
const MOST = 50;

/** How long changes are collected before they are written, in ms. */
const CALM = 2_000;

/** @type {Promise<unknown>} the queue of writes, so that none follows forgetRooms */
let writing = Promise.resolve();

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchKeptRooms(chat, signal) {
  if (!('caches' in window)) return;
  const { socket } = chat;
  /** @type {Set<string>} rooms that have changed since they were written */
  const changed = new Set();
  let timer = 0;
  const keep = () => {
    clearTimeout(timer);
    timer = 0;
    for (const slug of changed) keepRoom(socket.room(slug));
    changed.clear();
    forgetOthers(new Set([...socket.rooms, ...visitedRooms.list]));
  };
  const soon = () => (timer ||= setTimeout(keep, CALM));
  const on = (target, event, act) => target.addEventListener(event, act, { signal });
  on(socket, 'room', ({ detail: { room, kept } }) => {
    if (kept) return;
    changed.add(room);
    soon();
  });
  on(chat, 'leave-room', soon);
  on(socket, 'state', () => socket.state === 'connected' || keep());
  on(document, 'visibilitychange', () => document.hidden && keep());
  on(chat, 'shown', () => restore(socket, chat.room));
  signal.addEventListener('abort', () => clearTimeout(timer));
}

/** Deletes all kept rooms. */
export function forgetRooms() {
  if ('caches' in window) enqueue(() => caches.delete(ROOMS));
}

// Deletes the rooms that no tab is subscribed to any more.
function forgetOthers(slugs) {
  const addresses = new Set([...slugs].map(addressOf));
  enqueue(async () => {
    if (!await caches.has(ROOMS)) return; // they have signed out; opening it would create it
    const rooms = await caches.open(ROOMS);
    const others = (await rooms.keys()).filter(({ url }) => !addresses.has(new URL(url).pathname));
    await Promise.all(others.map((other) => rooms.delete(other)));
  });
}

/** @param {string} slug  @returns {Promise<KeptRoom|null>} */
export async function keptRoom(slug) {
  try {
    const kept = await caches.match(addressOf(slug), { cacheName: ROOMS });
    return kept ? await kept.json() : null;
  } catch {
    return null;
  }
}

/** @param {import('../model/room.js').Room|undefined} room  undefined if it has been left */
function keepRoom(room) {
  if (!room?.record.known) return;
  const { slug, epoch, title, record: { last: rev, messages } } = room;
  const kept = { epoch, rev, title, messages: messages.slice(-MOST) };
  enqueue(async () => {
    if (!whoIsHere()) return; // they have signed out in the meantime
    const rooms = await caches.open(ROOMS);
    await rooms.put(addressOf(slug), new Response(JSON.stringify(kept)));
  });
}

// Restores a kept room, which may be newer than the page if that is a kept one as well.
async function restore(socket, slug) {
  if (socket.state === 'connected') return;
  const stale = document.documentElement.dataset.kept !== undefined;
  const kept = stale || !socket.room(slug)?.record.known ? await keptRoom(slug) : null;
  if (kept) socket.restore(slug, kept);
}

function enqueue(write) {
  writing = writing.then(write).catch(() => {}); // the disk is full, or the browser forbids it
}

function addressOf(slug) {
  return at(`/rooms/${slug}`);
}
