/**
 * Detects that the server has another build than this page. A page that stays open for days would
 * not notice otherwise. Reloading loses nothing, because drafts are kept.
 *
 * Event on `document`:
 *   new-version   detail: { build }. Once for each other build
 */

import { at, within } from '../lib/base.js';

/** @returns {string} the build in the URL of a file, '' if it is not one of ours */
export function buildIn(url) {
  return within(new URL(url, location.href).pathname).match(/^\/static\/([0-9a-f]+)\//)?.[1] ?? '';
}

/**
 * @param {string} mine
 * @param {() => Promise<{build: string}>} ask
 * @returns {Promise<string>} the server's build if it differs; '' if it does not, or is unknown
 */
export async function otherBuild(mine, ask) {
  try {
    const { build } = await ask();
    return mine && build && build !== mine ? build : '';
  } catch {
    return '';
  }
}

let told = '';

/** Asks the server, and dispatches new-version on `document` if its build differs. */
export async function askVersion() {
  const build = await otherBuild(buildIn(import.meta.url), async () => (await fetch(at('/version.json'), { cache: 'no-store' })).json());
  if (!build || build === told) return;
  told = build;
  document.dispatchEvent(new CustomEvent('new-version', { detail: { build } }));
}

/** Asks after each reconnect, because the server may have been upgraded. */
export function watchVersion() {
  const status = document.querySelector('connection-status');
  if (!status) return;
  new MutationObserver(() => status.dataset.state === 'connected' && askVersion()).observe(status, { attributeFilter: ['data-state'] });
}
