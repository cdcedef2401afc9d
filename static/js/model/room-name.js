/**
 * The names of a room: its id, the slug that it was created with, by which the page knows it; the
 * address, which is the id until the room is renamed; and the title for people. The rules are the
 * server's (chat/store.go).
 */

import { at, ORIGIN, within } from '../lib/base.js';

export const LOBBY = 'lobby';

const SLUG = /^[a-z0-9_-]{1,64}$/;

/** Matches a slug in any spelling that an address may have. */
const SPELLED = /^[A-Za-z0-9_-]{1,64}$/;

/** The addresses of renamed rooms, by id, and the ids of the rooms at them and at former ones. */
const addresses = new Map();
const ids = new Map();

/**
 * Notes what the server says about the address of a room.
 *
 * @param {string} id
 * @param {string} [address]  if it is not the id
 */
export function learnAddress(id, address = id) {
  if (address === id && !addresses.has(id)) return;
  addresses.set(id, address);
  ids.set(address, id);
}

/**
 * @param {string} title  as typed
 * @returns {string} the slug, '' if the title does not give one
 */
export function slugOf(title) {
  const slug = title.trim().toLowerCase().replace(/\s+/g, '-');
  return SLUG.test(slug) ? slug : '';
}

/**
 * @param {string} slug
 * @returns {string} the title of a room that has not been given one
 */
export function titleOf(slug) {
  const words = slug.replace(/[-_]/g, ' ').trim();
  return words === '' ? slug : words[0].toUpperCase() + words.slice(1);
}

/**
 * @param {string} slug  the room's id
 * @param {number} [seq]  of a message in it
 * @returns {string} the path of the room's page, or of the message
 */
export function pathOf(slug, seq = 0) {
  const address = addresses.get(slug) ?? slug;
  if (seq > 0) return at(`/rooms/${address}/${seq}`);
  return at(slug === LOBBY ? '/' : `/rooms/${address}`);
}

/**
 * @param {string} slug
 * @param {{seq?: string}} message  the data of its row
 * @returns {string} the address of a message
 */
export const linkTo = (slug, { seq }) => ORIGIN + pathOf(slug, Number(seq));

/**
 * Returns the room of an address in any spelling: /rooms/W/ and /rooms/%77 are both the page of
 * room w, and /rooms/w/7 is its message with the seq 7. sw.js and the server (handlers/pages.go) have
 * the same rule, and handlers/testdata/room-paths.json its test cases.
 *
 * @param {string} pathname  of an address on this host
 * @returns {string} the room's id, as far as the page knows it; '' if it is neither a room's page nor a message's
 */
export function roomOf(pathname) {
  const path = within(pathname);
  if (path === '/') return LOBBY;
  const [, raw = ''] = path.match(/^\/rooms\/([^/]+?)(?:\/[1-9]\d{0,14})?\/*$/) ?? [];
  const slug = raw.replace(/%[0-7][0-9a-f]/gi, decodeURIComponent); // slugs are ASCII
  return SPELLED.test(slug) ? ids.get(slug.toLowerCase()) ?? slug.toLowerCase() : '';
}

/** @param {string} pathname  of a room's page  @returns {number} the seq of the message that it names; 0 for none */
export function seqOf(pathname) {
  return Number(within(pathname).match(/^\/rooms\/[^/]+\/([1-9]\d{0,14})\/*$/)?.[1] ?? 0);
}

/** @param {string} raw  the last segment of a path  @returns {string} the room's slug; '' if it is not one */
export function meantRoom(raw) {
  return roomOf(pathOf(raw));
}

/** @param {string} slug  @returns {boolean} whether it is a valid slug */
export function isRoom(slug) {
  return SLUG.test(slug);
}
