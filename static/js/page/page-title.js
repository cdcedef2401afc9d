/**
 * Shows unread messages outside the page: in the title, the tab's icon, and the badge of the
 * installed app. Each tab keeps its own current, so all of them clear wherever the room is read.
 */

import { LOBBY, titleOf } from '../model/room-name.js';
import { say } from '../lib/words.js';

const PLAIN = 'favicon.svg';
const DOTTED = 'favicon-dot.svg';

/** The current badge. Setting it again costs more than comparing. */
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

// Sets the app's badge. Browsers have badges for installed apps only, and reject the call otherwise.
function badge(unread) {
  if (unread === badged) return;
  badged = unread;
  const { setAppBadge, clearAppBadge } = navigator;
  const done = unread > 0 ? setAppBadge?.call(navigator, unread) : clearAppBadge?.call(navigator);
  done?.catch(() => {});
}
