/**
 * Registers the service worker, which keeps pages for use without a network (see sw.js). Over
 * plain HTTP from another machine browsers have no service workers; then nothing is kept, and
 * nothing breaks.
 */

import { at, within } from '../lib/base.js';
import { forgetRooms } from './kept-rooms.js';
import { pathOf, roomOf } from '../model/room-name.js';
import { ServerWatch } from '../lib/server-watch.js';

const WORKER = at('/sw.js');

/** How long a room must be shown before its page is kept, in ms, so that quick switching loads no pages. */
const SETTLED = 2_000;

let timer = 0;

/** Registers the worker, and keeps pages from now on. */
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

/** Reloads /offline, which sw.js shows in place of pages that it does not have, when the server is back. */
export function watchOfflinePage() {
  if (!document.querySelector('[data-offline]') || within(location.pathname) === '/offline') return;
  new ServerWatch(() => location.reload(), new AbortController().signal).start();
}

/** Deletes all kept pages and rooms, after a person has signed out or another has signed in. */
export function forgetPages() {
  forgetRooms();
  post({ forget: true });
}

// Runs after the page's own files have loaded, so that the worker's do not compete with them.
function afterLoad(run) {
  if (document.readyState === 'complete') run();
  else window.addEventListener('load', run, { once: true });
}

// Keeps the current state of the shown room's page, if somebody is signed in.
function keepPage() {
  const status = document.querySelector('connection-status');
  const room = roomOf(location.pathname);
  if (room && status?.dataset.state === 'connected') post({ keep: pathOf(room) });
}

function post(message) {
  const worker = navigator.serviceWorker?.controller; // until ours is active, the worker of a path above
  if (worker && new URL(worker.scriptURL).pathname === WORKER) worker.postMessage(message);
}
