/**
 * The line below the root of a thread, which opens it: who replied, how many replies there are, and
 * how many of them are new or when the last one came.
 */

import { paintAvatar } from './avatar.js';
import { clock, shortDay } from '../lib/formats.js';
import { say } from '../lib/words.js';

/** The number of faces to show. */
const MOST = 3;

/**
 * @param {HTMLElement} line
 * @param {import('../model/room-record.js').Thread} thread
 * @param {import('../model/timeline.js').Row['replies']} replies
 */
export function drawThread(line, { count, last, users = [] }, { unseen, failed, open }) {
  const [faces, replied, state] = line.children;
  faces.replaceChildren(...users.slice(0, MOST).map(face));
  replied.textContent = say('thread.replies', { n: count });
  state.textContent = failed ? say('thread.notSent') : unseen > 0 ? say('list.new', { n: unseen }) : say('thread.last', { time: when(new Date(last)) });
  line.toggleAttribute('data-failed', failed);
  line.toggleAttribute('data-unseen', unseen > 0);
  line.ariaExpanded = String(open);
}

/**
 * Draws the line below a root that was deleted, as a row of its own.
 *
 * @param {import('../model/timeline.js').Row} row
 * @param {HTMLElement|null} element  the row as drawn before
 * @returns {HTMLElement}
 */
export function drawThreadRow({ key, id, seq, thread, replies }, element) {
  const row = element ?? Object.assign(document.createElement('div'), { className: 'gone-thread' });
  if (!element) row.append(document.importNode(document.getElementById('thread-row').content, true));
  Object.assign(row.dataset, { key, id, seq });
  drawThread(/** @type {HTMLElement} */ (row.firstElementChild), thread, replies);
  return row;
}

function face({ name, id }) {
  const avatar = Object.assign(document.createElement('span'), { className: 'avatar', translate: false });
  paintAvatar(avatar, name, id);
  return avatar;
}

const when = (time) => (time.toDateString() === new Date().toDateString() ? clock : shortDay).format(time);
