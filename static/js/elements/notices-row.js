/**
 * The row of join and leave notices: a line and, if it does not name everyone, a button that does.
 */

import { write } from '../lib/sentence.js';

/** @type {WeakMap<Element, string[]>} the full sentences of each button */
const behind = new WeakMap();

/**
 * @param {import('../model/timeline.js').Row} row
 * @param {HTMLElement|null} element  the row as drawn before; an expanded row stays expanded
 * @returns {HTMLElement}
 */
export function drawNotices({ text, whole }, element) {
  const drawn = element ?? document.getElementById('notes-row').content.firstElementChild.cloneNode(true);
  const [line, toggle] = drawn.children;
  const short = whole.length > 0;
  line.hidden = short;
  toggle.hidden = !short;
  write(line, short ? '' : text);
  write(toggle.lastElementChild, short ? text : '');
  if (!short) toggle.ariaExpanded = 'false';
  behind.set(toggle, whole);
  fill(toggle);
  return drawn;
}

/** Expands or collapses a row. @param {HTMLElement} toggle  its button */
export function toggleNotices(toggle) {
  toggle.ariaExpanded = String(toggle.ariaExpanded !== 'true');
  fill(toggle);
}

function fill(toggle) {
  const list = toggle.nextElementSibling;
  list.hidden = toggle.ariaExpanded !== 'true';
  list.replaceChildren(...(list.hidden ? [] : behind.get(toggle)).map((sentence) => {
    const item = document.createElement('li');
    write(item, sentence);
    return item;
  }));
}
