/**
 * What can be seen of the page while it is not looked at: the title, the mark of its tab, and
 * the badge of an installed app say whether something is unread. Each tab keeps its own right,
 * so that they clear wherever it was read.
 */

import { LOBBY, titleOf } from '../model/room-name.js';
import { say } from '../lib/words.js';

const PLAIN = 'favicon.svg';
const DOTTED = 'favicon-dot.svg';

/** What the badge says: to set it costs more than to look. */
let badged = -1;

/**
 * @param {string} slug
 * @param {string} title  '' until it is known
 * @param {number} unread in all rooms
 */
export function showTitle(slug, title, unread) {
  const page = slug === LOBBY ? say('title.lobby') : say('title.room', { room: title || titleOf(slug) });
  document.title = unread > 0 ? say('title.unread', { n: unread, title: page }) : page;
  mark(unread > 0);
  badge(unread);
}

function mark(unread) {
  const link = document.querySelector('link[rel=icon]');
  if (!(link instanceof HTMLLinkElement)) return;
  const href = link.href.replace(/[^/]+$/, unread ? DOTTED : PLAIN);
  if (link.href !== href) link.href = href;
}

// Browsers have it for installed apps only, and refuse it otherwise.
function badge(unread) {
  if (unread === badged) return;
  badged = unread;
  const { setAppBadge, clearAppBadge } = navigator;
  const done = unread > 0 ? setAppBadge?.call(navigator, unread) : clearAppBadge?.call(navigator);
  done?.catch(() => {});
}
