/**
 * The way past the service worker, which shows a page that it kept while something else answers in
 * the server's place: a proxy whose login has expired, a network that asks for one. Only an
 * address with ?through reaches that (see sw.js); whoever has signed in there is led back to it.
 */

const THROUGH = 'through';

/** @returns {string} the address of this page, from the network and whatever answers there */
export function bypassURL() {
  return `${location.pathname}?${THROUGH}${location.hash}`;
}

/** Back from there, the page has its own address again, with which it can be kept and loaded without a network. */
export function leaveBypass() {
  const url = new URL(location.href);
  if (!url.searchParams.has(THROUGH)) return;
  url.searchParams.delete(THROUGH);
  history.replaceState(history.state, '', url);
}
