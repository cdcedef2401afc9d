/**
 * Has the browser keep pages for when there is no network: sw.js says which. Over plain HTTP
 * from another machine browsers have no service workers; then nothing is kept, and nothing breaks.
 */

import { at, within } from '../lib/base.js';
import { forgetRooms } from './kept-rooms.js';
import { ServerWatch } from '../lib/server-watch.js';

const WORKER = at('/sw.js');

/** How long a room must have been shown to be kept, in ms: who leafs through rooms loads none twice. */
const SETTLED = 2_000;

let timer = 0;

/** Begins to keep pages, from now on and on every later visit. */
export function registerWorker() {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  afterLoad(() => workers.register(WORKER, { updateViaCache: 'none' }).catch(() => {})); // forbidden, or no server: the page works without
  globalThis.navigation?.addEventListener('currententrychange', () => {
    clearTimeout(timer);
    timer = setTimeout(keepPage, SETTLED);
  });
  document.addEventListener('visibilitychange', () => document.hidden && keepPage());
}

/** The page that sw.js shows for one that it does not keep is loaded again when the server is back. */
export function watchOfflinePage() {
  if (!document.querySelector('[data-offline]') || within(location.pathname) === '/offline') return;
  new ServerWatch(() => location.reload(), new AbortController().signal).start();
}

/** Keeps no page and no room any more: for when somebody disconnects, or is somebody else now. */
export function forgetPages() {
  forgetRooms();
  tell({ forget: true });
}

// What the worker loads shall not compete with what the page loads.
function afterLoad(run) {
  if (document.readyState === 'complete') run();
  else window.addEventListener('load', run, { once: true });
}

// The room one is in is kept as it is now. Whoever is not in it leaves nothing behind.
function keepPage() {
  const status = document.querySelector('connection-status');
  if (status?.dataset.state === 'connected') tell({ keep: location.pathname });
}

function tell(message) {
  const worker = navigator.serviceWorker?.controller; // that of a path above, before ours has come
  if (worker && new URL(worker.scriptURL).pathname === WORKER) worker.postMessage(message);
}
