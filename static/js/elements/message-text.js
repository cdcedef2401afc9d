/**
 * Fills in the text of a row: the markup or text, with mentions of the reader marked, and a Copy
 * button on each code block.
 */

import { knownNames } from '../model/known-names.js';
import { setMarkup, setText } from './markup.js';
import { mentionsIn } from './message-mentions.js';

/** The content of each element before mentions were marked in it. @type {WeakMap<Element, string>} */
const shown = new WeakMap();

/**
 * @param {HTMLElement} row
 * @param {{text: string, html?: string, rev?: number, me?: string}} message
 */
export function fillText(row, { text, html = '', rev = 0, me = '' }) {
  const element = row.querySelector('.message-text');
  const longer = knownNames.longerThan(me);
  const wanted = JSON.stringify([html || text, Boolean(html), rev === 0, me, longer]);
  if (shown.get(element) === wanted) return;
  // What the server rendered stays, so that nothing visible is replaced.
  const painted = !shown.has(element) && rev > 0 && row.dataset.rev === String(rev);
  if (!painted && html) setMarkup(element, html);
  else if (!painted) setText(element, text, rev === 0);
  shown.set(element, wanted);
  row.toggleAttribute('data-mention', markMentions(element, me, longer));
  markLinks(element);
  addCopies(element);
}

/** @returns {boolean} whether the message has a mention */
function markMentions(element, name, longer) {
  const found = mentionsIn(element, name, longer);
  for (const [node, begin, end] of found) {
    const mention = document.createElement('span');
    mention.className = 'mention';
    mention.translate = false;
    const said = node.splitText(begin);
    said.splitText(end - begin);
    said.replaceWith(mention);
    mention.append(said);
  }
  return found.length > 0;
}

// In print, a link shows its address unless that is its text. An address has no language, so it is not translated.
function markLinks(element) {
  for (const link of element.querySelectorAll('a')) {
    const bare = link.href.includes(link.textContent.trim());
    link.toggleAttribute('data-bare', bare);
    if (bare) link.translate = false;
  }
}

function addCopies(element) {
  if (!navigator.clipboard) return;
  for (const figure of element.querySelectorAll('figure.code')) {
    const copy = document.getElementById('copy-code').content.firstElementChild.cloneNode(true);
    copy.dataset.text = figure.querySelector('code').textContent.replace(/\n$/, '');
    figure.querySelector('figcaption').append(copy);
  }
}
