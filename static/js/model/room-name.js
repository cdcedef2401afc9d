/**
 * The two names of a room: the slug in addresses, and the title for people. The rules are the
 * server's (chat/rooms.go).
 */

import { at, within } from '../lib/base.js';

export const LOBBY = 'lobby';

const SLUG = /^[a-z0-9_-]{1,64}$/;

/** Matches a slug in any spelling that an address may have. */
const SPELLED = /^[A-Za-z0-9_-]{1,64}$/;

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
 * @param {string} slug
 * @returns {string} the path of the room's page
 */
export function pathOf(slug) {
  return at(slug === LOBBY ? '/' : `/rooms/${slug}`);
}

/**
 * Returns the room of an address in any spelling: /rooms/W/ and /rooms/%77 are both the page of
 * room w. sw.js and the server (handlers/pages.go) have the same rule, and
 * handlers/testdata/room-paths.json its test cases.
 *
 * @param {string} pathname  of an address on this host
 * @returns {string} '' if it is not a room's page
 */
export function roomOf(pathname) {
  const path = within(pathname);
  if (path === '/') return LOBBY;
  const [, raw = ''] = path.match(/^\/rooms\/([^/]+)\/*$/) ?? [];
  const slug = raw.replace(/%[0-7][0-9a-f]/gi, decodeURIComponent); // slugs are ASCII
  return SPELLED.test(slug) ? slug.toLowerCase() : '';
}

/** @param {string} raw  the last segment of a path  @returns {string} the room's slug; '' if it is not one */
export function meantRoom(raw) {
  return roomOf(pathOf(raw));
}

/** @param {string} slug  @returns {boolean} whether it is a valid slug */
export function isRoom(slug) {
  return SLUG.test(slug);
}
