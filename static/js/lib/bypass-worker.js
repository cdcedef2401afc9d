/**
 * Bypasses the service worker, which shows kept pages while something else answers in the
 * server's place: a proxy whose login has expired, or a network that requires one. Only an address
 * with ?through reaches that login (see sw.js), which then redirects back to the same address.
 */

const THROUGH = 'through';

/** @returns {string} the address of this page that is always loaded from the network */
export function bypassURL() {
  return `${location.pathname}?${THROUGH}${location.hash}`;
}

/** Restores the page's own address after the bypass, so that the page can be kept and loaded offline. */
export function leaveBypass() {
  const url = new URL(location.href);
  if (!url.searchParams.has(THROUGH)) return;
  url.searchParams.delete(THROUGH);
  history.replaceState(history.state, '', url);
}
