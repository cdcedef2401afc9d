/**
 * The service worker: what a device shows while there is no network. The server puts the build
 * in front, as BUILD, so each build is a worker of its own with caches of its own.
 *
 * Promised:
 *   files   of this build come from the cache, and are there from the start as far as a page needs them
 *   pages   come from the server; if it does not answer within PATIENCE, or something else does in
 *           its place (a proxy's error, a captive portal), as they were the last time, marked with
 *           data-kept. The last MOST rooms are kept. A room never opened gets /offline
 *   all of it holds when the device's storage forbids or never answers: then what is asked for comes
 *           from the server
 *   others  are not touched: sockets, /check, whatever is no GET, and pages with ?through, by which
 *           people get to what answers in the server's place
 *
 * It takes messages: { keep: '/rooms/x' }, keep that page as it is now; { forget: true }, keep no
 * page any more: somebody went, or is somebody else now.
 * It sends one: { open: 'room', message: 'id' }, when a notification with this data was clicked.
 */

/* global BUILD */

/** Where the chat is on its host, as js/base.js has it. What else is there is not ours, nor are its caches. */
const BASE = new URL('./', location.href).pathname;
const OURS = `chatserver${BASE === '/' ? '' : BASE}-`;
const FILES = `${OURS}files-${BUILD}`;
const PAGES = `${OURS}pages-${BUILD}`;
const ROOMS = `${OURS}rooms`; // of js/kept-rooms.js, for all builds
const OFFLINE = `${BASE}offline`;
const PREFIX = `${BASE}static/${BUILD}/`;

/** How long a page may take if it is here as it was, in ms. */
const PATIENCE = 3_000;

/** How long the caches may take to answer, in ms: where a profile is broken they never do. */
const SOON = 1_000;

/** How many rooms are kept. */
const MOST = 20;

/** The header by which the server's own pages are told from those of others (handlers/pages.go). */
const MARK = 'Chatserver-Build';

/** A proxy asks for a login with these, and only the browser can answer (RFC 9110 §15.5). */
const LOGIN = new Set([401, 407]);

/** The room of an address and the path of its page, as js/room-name.js has them; null if there is none. */
function pageOf({ pathname }) {
  if (pathname === BASE) return BASE;
  if (!pathname.startsWith(BASE)) return null;
  const [, raw = ''] = pathname.slice(BASE.length).match(/^rooms\/([^/]+)\/*$/) ?? [];
  const slug = raw.replace(/%[0-7][0-9a-f]/gi, decodeURIComponent);
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(slug)) return null;
  return slug.toLowerCase() === 'lobby' ? BASE : `${BASE}rooms/${slug.toLowerCase()}`;
}

const isPage = (pathname) => pageOf({ pathname }) === pathname;

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (url.pathname.startsWith(PREFIX)) event.respondWith(file(event));
  else if (request.mode === 'navigate' && !url.searchParams.has('through')) visit(event, url);
});

self.addEventListener('message', (event) => {
  const { keep: path, forget } = event.data ?? {};
  if (forget) event.waitUntil(Promise.all([PAGES, ROOMS].map((name) => caches.delete(name))));
  else if (typeof path === 'string' && isPage(path)) event.waitUntil(load(path).catch(() => {}));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data ?? {}));
});

// The page for when there is no other links to everything that a page needs. The browser has
// that in its own cache already, so of the network this takes the page alone.
async function install() {
  const response = await fetch(OFFLINE, { cache: 'no-store' });
  const text = await response.clone().text();
  const links = text.matchAll(/(?:rel="(?:stylesheet|icon)" href|type="module" src)="([^"]+)"/g);
  const needed = Array.from(links, ([, url]) => url).filter((url) => url.startsWith(PREFIX));
  if (!response.ok || needed.length === 0) throw new Error('the server has another build by now');
  const files = await caches.open(FILES);
  await files.addAll([...needed, `${PREFIX}icons/favicon-dot.svg`]); // shown once something is unread
  await files.put(OFFLINE, response);
  await self.skipWaiting();
}

// Whoever is here came without this worker, so their pages are not kept yet.
async function activate() {
  await soon(forgetOthers()); // until it is done nothing is fetched
  await self.clients.claim();
  const paths = (await self.clients.matchAll({ type: 'window' })).map(({ url }) => new URL(url).pathname).filter(isPage);
  await Promise.all([...new Set(paths)].map((path) => load(path).catch(() => {})));
}

// What other builds have left.
async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OURS) && ![FILES, PAGES, ROOMS].includes(name)).map((name) => caches.delete(name)));
}

/** @template T  @param {Promise<T>} answer  of the caches  @returns {Promise<T|undefined>} undefined if they forbid it, or do not answer */
function soon(answer) {
  const late = new Promise((resolve) => setTimeout(resolve, SOON, undefined));
  return Promise.race([answer.catch(() => undefined), late]);
}

function lookUp(cache, what) {
  return soon(caches.open(cache).then((opened) => opened.match(what, { ignoreVary: true })));
}

// What is fetched is kept beside being answered: nobody waits for the disk.
async function file(event) {
  const { request } = event;
  const kept = await lookUp(FILES, request);
  if (kept) return kept;
  const response = await fetch(request);
  // No file of ours is HTML: that is what a captive portal answers with.
  if (response.ok && !/html/.test(response.headers.get('content-type') ?? '')) {
    const copy = response.clone();
    event.waitUntil(caches.open(FILES).then((files) => files.put(request, copy)).catch(() => {}));
  }
  return response;
}

// An address that is none is the server's to refuse; another spelling of a room's is led to it.
function visit(event, url) {
  const path = pageOf(url);
  if (!path) return;
  if (path === url.pathname) event.respondWith(page(event, url));
  else event.respondWith(Response.redirect(path + url.search, 308));
}

async function page(event, url) {
  const loading = fetch(event.request);
  // What comes too late is for the next time. A page with a query has a name filled in.
  if (!url.search) event.waitUntil(loading.then((response) => keep(url.pathname, response)).catch(() => {}));
  const kept = await lookUp(PAGES, url.pathname);
  if (!kept) return loading.then((response) => (response.status >= 500 && !isOurs(response) ? offline() : response), offline);
  const instead = () => marked(kept);
  const good = loading.then((response) => (isGood(response) || LOGIN.has(response.status) ? response : instead()), instead);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE)).then(instead);
  return Promise.race([good, late]);
}

const isOurs = ({ headers }) => headers.has(MARK);

/** Whether it is the server's own answer, and one about this page: not that it has too much to do. */
const isGood = (response) => isOurs(response) && response.status < 500 && response.status !== 429;

// The page learns that it is of another time.
async function marked(kept) {
  const text = await kept.clone().text();
  return new Response(text.replace('<html ', '<html data-kept '), { headers: headersOf(kept) });
}

function headersOf({ headers }) {
  return ['content-type', 'content-security-policy'].map((name) => [name, headers.get(name) ?? '']);
}

/** Loads a page, to keep it. @param {string} path */
async function load(path) {
  await keep(path, await fetch(path));
}

/** @param {string} path  @param {Response} response  that nobody has read yet */
async function keep(path, response) {
  if (!response.ok || !isOurs(response) || response.redirected) return;
  const copy = response.clone(); // at once: whoever is answered with it reads it
  const pages = await caches.open(PAGES);
  await pages.put(path, copy); // to the end, wherever it was
  const kept = await pages.keys();
  await Promise.all(kept.slice(0, -MOST).map((oldest) => pages.delete(oldest)));
}

async function offline() {
  const kept = await lookUp(FILES, OFFLINE);
  if (!kept) return Response.error();
  const rooms = (await keptRooms()).join('');
  let text = await kept.text();
  if (rooms) text = text.replace('data-rooms hidden', 'data-rooms').replace('<ul></ul>', () => `<ul>${rooms}</ul>`);
  return new Response(text, { headers: headersOf(kept) });
}

// Path and title are those of pages of ours, written by the server and escaped by it.
async function keptRooms() {
  const pages = await caches.open(PAGES);
  return Promise.all((await pages.keys()).map(async ({ url }) => {
    const { pathname } = new URL(url);
    const text = await (await pages.match(pathname, { ignoreVary: true })).text();
    const [, title = pathname] = text.match(/<title[^>]*>([^<]*)/) ?? [];
    return `<li><a translate="no" href="${pathname}">${title.split(' · ')[0]}</a></li>`;
  }));
}

async function show({ room = 'lobby', message = '' }) {
  const all = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const windows = all.filter(({ url }) => isPage(new URL(url).pathname));
  const open = windows.find(({ focused }) => focused) ?? windows[0];
  if (!open) return self.clients.openWindow(`${BASE}rooms/${encodeURIComponent(room)}${message && `#${message}`}`);
  await open.focus().catch(() => {}); // a browser may forbid it
  return open.postMessage({ open: room, message });
}
