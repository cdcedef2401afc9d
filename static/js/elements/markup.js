/**
 * What a message holds: the markup that the server made of its text, or the text as it is.
 */

import { addressOf, findLinks } from '../model/links.js';

/**
 * The one place where markup becomes part of the page. It is the server's and it is safe: the
 * renderer of the server writes every tag itself and escapes whatever somebody typed. Nothing
 * else may ever be given to this function.
 *
 * @param {HTMLElement} element
 * @param {string} html  of a message, as the server told it
 */
export function setMarkup(element, html) {
  element.innerHTML = html;
  element.querySelectorAll('a').forEach(openElsewhere);
  element.querySelectorAll('code').forEach((code) => { code.translate = false; });
}

// What all links have in common, and so is not sent with each of them: they open in another
// tab, which learns nothing of this one. A page without modules has it, and what keeps code from being
// translated, from the server (chat.WithPageAttributes).
function openElsewhere(link) {
  link.target = '_blank';
  link.rel = 'noopener noreferrer nofollow';
}

/**
 * A paragraph of a text as it was typed; the look keeps its line breaks.
 *
 * @param {HTMLElement} element
 * @param {string} text
 * @param {boolean} pending  the server has not seen it yet: its addresses are links already, as
 *   they will be; of what the server has seen it says itself which are
 */
export function setText(element, text, pending) {
  const paragraph = document.createElement('p');
  paragraph.dir = 'auto';
  let at = 0;
  for (const [begin, end] of pending ? findLinks(text) : []) {
    const link = document.createElement('a');
    link.textContent = text.slice(begin, end);
    link.href = addressOf(link.textContent);
    openElsewhere(link);
    paragraph.append(text.slice(at, begin), link);
    at = end;
  }
  paragraph.append(text.slice(at));
  element.replaceChildren(paragraph);
}
