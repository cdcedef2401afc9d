/**
 * What a message holds: the markup that the server made of its text, or the text as it is.
 */

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
  // Attributes shared by all links are not sent with each message (chat.WithLinkAttributes).
  for (const link of element.querySelectorAll('a')) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer nofollow';
  }
}

/**
 * A paragraph of a text as it was typed; the look keeps its line breaks.
 *
 * @param {HTMLElement} element
 * @param {string} text
 */
export function setText(element, text) {
  const paragraph = document.createElement('p');
  paragraph.dir = 'auto';
  paragraph.textContent = text;
  element.replaceChildren(paragraph);
}
