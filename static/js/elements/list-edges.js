/**
 * What stands at the two ends of the list: above, whether there is more to be read; below, the
 * button that leads to the newest and says how much of it is new.
 */

import { say } from '../lib/words.js';

/**
 * @param {HTMLElement} top
 * @param {boolean} more   whether something older can be read
 * @param {boolean} begins whether the first that is known is drawn
 * @param {boolean} far    whether there is something older, but no more of it is read
 */
export function showTop(top, more, begins, far) {
  const [older, beginning] = top.children;
  older.hidden = !more;
  beginning.hidden = more || !begins;
  beginning.textContent = far ? say('list.farthest') : say('list.beginning');
}

/**
 * Says on paper that it does not have the whole room.
 *
 * @param {HTMLElement} top
 * @param {boolean} older  whether there are messages above those that were loaded
 */
export function showPrinted(top, older) {
  top.querySelector('.messages-cut').textContent = older ? say('list.printed') : '';
}

/**
 * @param {HTMLElement} jump
 * @param {boolean} away   whether the newest is not to be seen
 * @param {number} unseen  how much was said there
 */
export function showJump(jump, away, unseen) {
  jump.hidden = !away;
  jump.toggleAttribute('data-quiet', unseen === 0);
  jump.ariaLabel = unseen === 0 ? say('list.jump') : null;
  jump.querySelector('span').textContent = unseen === 0 ? '' : say('list.new', { n: unseen });
}
