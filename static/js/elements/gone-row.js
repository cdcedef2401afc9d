/**
 * The row of deleted messages: a line that opens to the author, time, and reason of each.
 */

import { write } from '../lib/sentence.js';

/**
 * @param {import('../model/timeline.js').Row} row
 * @param {HTMLElement|null} element  the row as drawn before; an open row stays open
 * @returns {HTMLElement}
 */
export function drawGone({ key, text, whole }, element) {
  const drawn = element ?? document.getElementById('gone-row').content.firstElementChild.cloneNode(true);
  const [line, list] = drawn.children;
  drawn.dataset.key = key;
  write(line.lastElementChild, text);
  list.replaceChildren(...whole.map((sentence) => {
    const item = document.createElement('li');
    write(item, sentence);
    return item;
  }));
  return drawn;
}
