/**
 * The two ends of the list: above, whether there are older messages; below, the button that jumps
 * to the newest message and shows the number of new ones.
 */

import { say } from '../lib/words.js';

/**
 * @param {HTMLElement} top
 * @param {boolean} more   whether older messages can be loaded
 * @param {boolean} begins whether the first known message is drawn
 * @param {boolean} far    whether there are older messages, but too many are loaded to load more
 */
export function showTop(top, more, begins, far) {
  const [older, beginning] = top.children;
  older.hidden = !more;
  beginning.hidden = more || !begins;
  beginning.textContent = far ? say('list.farthest') : say('list.beginning');
}

/**
 * Says in print that the page does not have the whole room.
 *
 * @param {HTMLElement} top
 * @param {boolean} older  whether there are messages above the loaded ones
 */
export function showPrinted(top, older) {
  top.querySelector('.messages-cut').textContent = older ? say('list.printed') : '';
}

/**
 * @param {HTMLElement} jump
 * @param {boolean} away   whether the newest message is out of view
 * @param {number} unseen  the number of new messages there
 */
export function showJump(jump, away, unseen) {
  jump.hidden = !away;
  jump.toggleAttribute('data-quiet', unseen === 0);
  jump.ariaLabel = unseen === 0 ? say('list.jump') : null;
  jump.querySelector('span').textContent = unseen === 0 ? '' : say('list.new', { n: unseen });
}
