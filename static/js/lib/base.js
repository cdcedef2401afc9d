/**
 * Where the chat is on its host, and the one place of the page that knows it: this file's own
 * address says it. Everything of the chat is below, and everything else on the host, and in
 * what a browser keeps for it, is somebody else's.
 */

/** The folder of this build's files: that of the bundle, or of this source in a test. */
const STATIC = new URL(import.meta.url.replace(/\/js\/(lib\/)?[\w-]+\.js.*$/, '/'));

/** With a slash at both ends: '/', or '/team/'. */
export const BASE = new URL('../../', STATIC).pathname;

/** What is kept in this browser, and its locks and notifications, have names that begin so. */
export const OURS = `chatserver${BASE === '/' ? '' : BASE}.`;

/** Caches of ours have names that begin so: sw.js has the same. */
export const CACHES = `chatserver${BASE === '/' ? '' : BASE}-`;

/** The origin of addresses that are given to others: that of the page, unless the server says another. */
export const ORIGIN = document.documentElement.dataset.origin ?? location.origin;

/**
 * @param {string} path  one of ours, such as '/check'
 * @returns {string} where that is
 */
export function at(path) {
  return BASE + path.slice(1);
}

/**
 * @param {string} path  of a file of this build, such as 'vendor/x.js'
 * @returns {URL}
 */
export function file(path) {
  return new URL(path, STATIC);
}

/**
 * @param {string} pathname  of an address on this host
 * @returns {string} which of our paths that is; '' if it is none
 */
export function within(pathname) {
  return pathname.startsWith(BASE) ? pathname.slice(BASE.length - 1) : '';
}

/**
 * @param {string} name  of a cookie
 * @returns {string[]} what it may be called, as in handlers/base.go: the first is written, and counts when it is read
 */
export function cookies(name) {
  const plain = name + BASE.slice(0, -1).replaceAll('/', '.');
  return BASE === '/' && location.protocol === 'https:' ? [`__Host-${name}`, plain] : [plain];
}

/**
 * @param {string} origin
 * @returns {string} where /chat/{name} is there, such as ws://localhost:9090
 */
export function sockets(origin) {
  return origin.replace(/^http/, 'ws') + BASE.slice(0, -1);
}
