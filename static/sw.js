/**
 * The service worker: serves files and pages while there is no network. The server prepends the
 * build as BUILD, so each build is a worker of its own, with caches of its own.
 *
 * Promised:
 *   files   of this build come from the cache; those that every page needs are there from the start
 *   pages   come from the server. If it does not answer within PATIENCE, or something else answers
 *           in its place (a proxy's error, a captive portal), the kept copy is served, marked with
 *           data-kept. The last MOST rooms are kept, without their messages, which are in ROOMS. A
 *           room that was never opened gets /offline
 *   storage that is forbidden or never answers breaks nothing: then everything comes from the server
 *   others  are not intercepted: sockets, /check, everything but GET, and pages with ?through, by
 *           which people reach what answers in the server's place
 *
 * Messages to the worker: { keep: '/rooms/x' } keeps the current copy of that page;
 * { forget: true } deletes all kept pages, because the person has signed out or changed.
 * Messages from it: { open: 'room', message: 'id' }, when a notification with this data was clicked.
 */

/* global BUILD */

/** The base path, as in js/lib/base.js. Other paths of the host, and their caches, are not ours. */
const BASE = new URL('./', location.href).pathname;
const OURS = `chatserver${BASE === '/' ? '' : BASE}-`;
const FILES = `${OURS}files-${BUILD}`;
const PAGES = `${OURS}pages-${BUILD}`;
const ROOMS = `${OURS}rooms`; // of js/page/kept-rooms.js, for all builds
const OFFLINE = `${BASE}offline`;
const PREFIX = `${BASE}static/${BUILD}/`;

/** How long the server may take to answer, in ms, if there is a kept copy of the page. */
const PATIENCE = 3_000;

/** How long the caches may take to answer, in ms: in a broken profile they never do. */
const SOON = 1_000;

/** The number of rooms to keep. */
const MOST = 20;

/** The header that marks the server's own answers (handlers/pages.go). */
const MARK = 'Chatserver-Build';

/** The status codes with which a proxy asks for a login; only the browser can show it (RFC 9110 §15.5). */
const LOGIN = new Set([401, 407]);

/** The path of a room's page, or of a message, for an address, as in js/model/room-name.js; null if it is neither. */
function pageOf({ pathname }) {
  if (pathname === BASE) return BASE;
  if (!pathname.startsWith(BASE)) return null;
  const [, raw = '', seq] = pathname.slice(BASE.length).match(/^rooms\/([^/]+?)(?:\/([1-9]\d{0,14}))?\/*$/) ?? [];
  const slug = raw.replace(/%[0-7][0-9a-f]/gi, decodeURIComponent);
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(slug)) return null;
  if (seq) return `${BASE}rooms/${slug.toLowerCase()}/${seq}`;
  return slug.toLowerCase() === 'lobby' ? BASE : `${BASE}rooms/${slug.toLowerCase()}`;
}

/** The page of the room of a message's address; of any other page itself. */
function roomPage(path) {
  const [, room = ''] = path.slice(BASE.length).match(/^(rooms\/[^/]+)\/\d+$/) ?? [];
  return room ? pageOf({ pathname: BASE + room }) : path;
}

/** Reports whether the address is that of a room's page, which can be kept for offline use. */
const isPage = (pathname) => pageOf({ pathname }) === pathname && roomPage(pathname) === pathname;

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
  const { keep: path, forget: all } = event.data ?? {};
  if (all) event.waitUntil(forget());
  else if (typeof path === 'string' && isPage(path)) event.waitUntil(load(path).catch(() => {}));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data ?? {}));
});

// Caches the page /offline and everything it links to, which is all that any page needs. The
// browser has the files in its HTTP cache already, so only the page is loaded from the network.
async function install() {
  const response = await fetch(OFFLINE, { cache: 'no-store' });
  const text = await response.clone().text();
  const links = text.matchAll(/(?:rel="(?:stylesheet|icon)" href|type="module" src)="([^"]+)"/g);
  const needed = Array.from(links, ([, url]) => url).filter((url) => url.startsWith(PREFIX));
  if (!response.ok || needed.length === 0) throw new Error('the server has another build by now');
  const files = await caches.open(FILES);
  await files.addAll([...needed, `${PREFIX}icons/favicon-dot.svg`]); // shown when there are unread messages
  await files.put(OFFLINE, response);
  await self.skipWaiting();
}

// Keeps the pages that are open, which were loaded before this worker.
async function activate() {
  await soon(forgetOthers()); // nothing is fetched before it is done
  await self.clients.claim();
  const paths = (await self.clients.matchAll({ type: 'window' })).map(({ url }) => roomPage(new URL(url).pathname)).filter(isPage);
  await Promise.all([...new Set(paths)].map((path) => load(path).catch(() => {})));
}

// Deletes the caches of other builds.
async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OURS) && ![FILES, PAGES, ROOMS].includes(name)).map((name) => caches.delete(name)));
}

/** @template T  @param {Promise<T>} answer  of the caches  @returns {Promise<T|undefined>} undefined if they are forbidden or do not answer in time */
function soon(answer) {
  const late = new Promise((resolve) => setTimeout(resolve, SOON, undefined));
  return Promise.race([answer.catch(() => undefined), late]);
}

function lookUp(cache, what) {
  return soon(caches.open(cache).then((opened) => opened.match(what, { ignoreVary: true })));
}

// Caches a file in the background, so that the response does not wait for the disk.
async function file(event) {
  const { request } = event;
  const kept = await lookUp(FILES, request);
  if (kept) return kept;
  const response = await fetch(request);
  // None of our files is HTML, but the answer of a captive portal is.
  if (response.ok && !/html/.test(response.headers.get('content-type') ?? '')) {
    const copy = response.clone();
    event.waitUntil(caches.open(FILES).then((files) => files.put(request, copy)).catch(() => {}));
  }
  return response;
}

// Serves a page. The server refuses invalid addresses, and redirects other spellings of a room's.
function visit(event, url) {
  const path = pageOf(url);
  if (!path) return;
  if (path === url.pathname) event.respondWith(page(event, url));
  else event.respondWith(Response.redirect(path + url.search, 308));
}

async function page(event, url) {
  const loading = fetch(event.request);
  // A late answer is kept for the next time. A page with a query has a name filled in, and is not kept.
  if (!url.search && isPage(url.pathname)) event.waitUntil(loading.then((response) => keep(url.pathname, response)).catch(() => {}));
  const kept = await lookUp(PAGES, roomPage(url.pathname));
  if (!kept) return loading.then((response) => (response.status >= 500 && !isOurs(response) ? offline() : response), offline);
  const instead = () => marked(kept);
  // The session of the person whose pages are kept has ended.
  event.waitUntil(loading.then((response) => response.status === 401 && isOurs(response) && forget(), () => {}));
  const good = loading.then(async (response) => (isGood(response) || LOGIN.has(response.status) ? response : await moved(response, url) ?? instead())).catch(instead);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE)).then(instead);
  return Promise.race([good, late]);
}

// Returns the server's own redirect, from a former address of a room, whose kept copy goes. A
// worker cannot see where a redirect leads, or who answered; so it is followed to find out whether
// it is one of a captive portal, for which there is null.
async function moved(response, url) {
  if (response.type !== 'opaqueredirect') return null;
  const followed = await fetch(url, { cache: 'no-store', mode: 'same-origin' });
  if (!followed.redirected || !isOurs(followed)) return null;
  await caches.open(PAGES).then((pages) => pages.delete(roomPage(url.pathname))).catch(() => {});
  return Response.redirect(followed.url);
}

const forget = () => Promise.all([PAGES, ROOMS].map((name) => caches.delete(name)));

const isOurs = ({ headers }) => headers.has(MARK);

/** Reports whether it is the server's own answer and about this page, not an overload or a failure. */
const isGood = (response) => isOurs(response) && response.status < 500 && response.status !== 429;

// Marks a kept page, so that its modules know that it may be old.
async function marked(kept) {
  const text = await kept.clone().text();
  return new Response(text.replace('<html ', '<html data-kept '), { headers: headersOf(kept) });
}

function headersOf({ headers }) {
  return ['content-type', 'content-security-policy'].map((name) => [name, headers.get(name) ?? '']);
}

/** Loads a page to keep it. @param {string} path */
async function load(path) {
  await keep(path, await fetch(path));
}

/** @param {string} path  @param {Response} response  whose body has not been read */
async function keep(path, response) {
  if (!response.ok || !isOurs(response) || response.redirected) return;
  const page = withoutMessages(response.clone()); // before the response is returned and its body read
  const pages = await caches.open(PAGES);
  await pages.put(path, await page); // at the end, so that the pages stay in order of use
  const kept = await pages.keys();
  await Promise.all(kept.slice(0, -MOST).map((oldest) => pages.delete(oldest)));
}

// Returns a page with an empty list. A page is kept as it was when it was loaded, so what people
// delete afterwards would stay in it; the kept rooms (kept-rooms.js) follow every change.
async function withoutMessages(response) {
  const text = await response.text();
  const empty = text.replace(/ data-epoch="[^"]*" data-rev="[^"]*"/, '')
    .replace(/(<div class="messages-log"[^>]*>)[^]*?(<\/div>\s*<span class="messages-end")/, '$1$2');
  return new Response(empty, { headers: headersOf(response) });
}

async function offline() {
  const kept = await lookUp(FILES, OFFLINE);
  if (!kept) return Response.error();
  const rooms = (await keptRooms()).join('');
  let text = await kept.text();
  if (rooms) text = text.replace('data-rooms hidden', 'data-rooms').replace('<ul></ul>', () => `<ul>${rooms}</ul>`);
  return new Response(text, { headers: headersOf(kept) });
}

// Lists the kept rooms. Path and title come from our own pages, which the server has escaped.
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
  const windows = all.filter(({ url }) => isPage(roomPage(new URL(url).pathname)));
  const open = windows.find(({ focused }) => focused) ?? windows[0];
  if (!open) return self.clients.openWindow(`${BASE}rooms/${encodeURIComponent(room)}${message && `#${message}`}`);
  await open.focus().catch(() => {}); // a browser may forbid it
  return open.postMessage({ open: room, message });
}
