/**
 * Fills in the content of a message: the server's markup of its text, or the plain text.
 */

import { addressOf, findLinks } from '../model/links.js';

/**
 * Inserts markup into the page. This is the only place that does. The markup comes from the
 * server, whose renderer writes every tag itself and escapes whatever people typed. Never pass
 * anything else to this function.
 *
 * @param {HTMLElement} element
 * @param {string} html  of a message, as received from the server
 */
export function setMarkup(element, html) {
  element.innerHTML = html;
  element.querySelectorAll('a').forEach(openElsewhere);
  element.querySelectorAll('code').forEach((code) => { code.translate = false; });
}

// Adds the attributes that all links share, which are not sent with each of them: they open in a
// new tab that gets no reference to this one. Pages without modules get these attributes, and the
// one that keeps code from being translated, from the server (chat.WithPageAttributes).
function openElsewhere(link) {
  link.target = '_blank';
  link.rel = 'noopener noreferrer nofollow';
}

/**
 * Inserts a text as one paragraph. The style sheet preserves its line breaks.
 *
 * @param {HTMLElement} element
 * @param {string} text
 * @param {boolean} pending  whether the server has not stored it yet. Then its addresses become
 *   links here, as they will be later; for stored messages the server decides
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
