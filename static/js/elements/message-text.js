/**
 * Fills in the text of a row: markup or text, what speaks to the reader marked in it, and a Copy
 * on each block of code.
 */

import { knownNames } from '../model/known-names.js';
import { setMarkup, setText } from './markup.js';
import { mentionsIn } from './message-mentions.js';

/** What each element shows, before anything was marked in it. @type {WeakMap<Element, string>} */
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
  // What the server has painted stays as it is: nothing under the reader's eyes is made anew.
  const painted = !shown.has(element) && rev > 0 && row.dataset.rev === String(rev);
  if (!painted && html) setMarkup(element, html);
  else if (!painted) setText(element, text, rev === 0);
  shown.set(element, wanted);
  row.toggleAttribute('data-mention', markMentions(element, me, longer));
  markLinks(element);
  addCopies(element);
}

/** @returns {boolean} whether there is one */
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

// On paper a link says where it leads, unless that is what its words are. An address is in no language.
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
