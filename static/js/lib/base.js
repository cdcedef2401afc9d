/**
 * The base path of the chat, derived from the URL of this module. Everything of the chat is below
 * it; everything else on the host, and everything that a browser stores for the rest of the host,
 * belongs to others.
 */

/** The directory of this build's files: that of the bundle, or of this source in a test. */
const STATIC = new URL(import.meta.url.replace(/\/js\/(lib\/)?[\w-]+\.js.*$/, '/'));

/** The base path, with a slash at both ends: '/', or '/team/'. */
export const BASE = new URL('../../', STATIC).pathname;

/** The prefix of storage keys, locks, and notification tags in this browser. */
export const OURS = `chatserver${BASE === '/' ? '' : BASE}.`;

/** The prefix of cache names, the same in sw.js. */
export const CACHES = `chatserver${BASE === '/' ? '' : BASE}-`;

/** The origin of addresses to share: the page's, unless the server sets another. */
export const ORIGIN = document.documentElement.dataset.origin ?? location.origin;

/**
 * @param {string} path  below the base path, such as '/check'
 * @returns {string} the full path
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
 * @returns {string} the path below the base path; '' if it is not below it
 */
export function within(pathname) {
  return pathname.startsWith(BASE) ? pathname.slice(BASE.length - 1) : '';
}

/**
 * @param {string} name  of a cookie
 * @returns {string[]} its possible names, as in handlers/request/base.go: the first is written, and takes precedence when reading
 */
export function cookies(name) {
  const plain = name + BASE.slice(0, -1).replaceAll('/', '.');
  return BASE === '/' && location.protocol === 'https:' ? [`__Host-${name}`, plain] : [plain];
}

/**
 * @param {string} origin
 * @returns {string} the base of /chat/{name} at that origin, such as ws://localhost:9090
 */
export function sockets(origin) {
  return origin.replace(/^http/, 'ws') + BASE.slice(0, -1);
}
