/**
 * What a room is called: in addresses by its slug, for people by its title. The rules are
 * those of the server (chat/rooms.go).
 */

import { at, within } from '../lib/base.js';

export const LOBBY = 'lobby';

const SLUG = /^[a-z0-9_-]{1,64}$/;

/** As it may be spelled in an address. */
const SPELLED = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * @param {string} title  as somebody typed it
 * @returns {string} the slug, '' if it cannot be one
 */
export function slugOf(title) {
  const slug = title.trim().toLowerCase().replace(/\s+/g, '-');
  return SLUG.test(slug) ? slug : '';
}

/**
 * @param {string} slug
 * @returns {string} what a room is called before somebody gives it a title
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
 * The room whose page an address is, however it is spelled: /rooms/W/ and /rooms/%77 are both the
 * page of w. sw.js and the server (handlers/pages.go) have the same rule, and
 * handlers/testdata/room-paths.json its cases.
 *
 * @param {string} pathname  of an address on this host
 * @returns {string} '' if it is the page of no room
 */
export function roomOf(pathname) {
  const path = within(pathname);
  if (path === '/') return LOBBY;
  const [, raw = ''] = path.match(/^\/rooms\/([^/]+)\/*$/) ?? [];
  const slug = raw.replace(/%[0-7][0-9a-f]/gi, decodeURIComponent); // beyond ASCII there is no room
  return SPELLED.test(slug) ? slug.toLowerCase() : '';
}

/** @param {string} raw  the last part of an address  @returns {string} the room that it is; '' if it is none */
export function meantRoom(raw) {
  return roomOf(pathOf(raw));
}

/** @param {string} slug  @returns {boolean} whether there can be such a room */
export function isRoom(slug) {
  return SLUG.test(slug);
}
