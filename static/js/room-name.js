/**
 * What a room is called: in addresses by its slug, for people by its title. The rules are
 * those of the server (chat/rooms.go).
 */

import { at, within } from './base.js';

export const LOBBY = 'lobby';

const SLUG = /^[a-z0-9_-]{1,64}$/;

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
 * @param {string} pathname  of an address on this host
 * @returns {string} the room whose page it is
 */
export function roomOf(pathname) {
  const path = within(pathname);
  return path.startsWith('/rooms/') ? path.slice('/rooms/'.length).toLowerCase() : LOBBY;
}
