/**
 * Finds the mentions in a message by its markup: the server's code elements contain no mentions.
 */

import { findMentions } from '../model/mentions.js';

const AT = /[@\uff20]/;

/** Elements at which a word ends without a space. */
const BREAKS = 'br, p, li, blockquote, figure';

/**
 * @param {ParentNode & Node} root  the markup of a message, or its text
 * @param {string} name
 * @param {string[]} longer  known names that begin with it
 * @returns {[Text, number, number][]} the text node, start, and end of each mention, last one first
 */
export function mentionsIn(root, name, longer) {
  if (!AT.test(root.textContent)) return [];
  const { text, parts } = readTexts(root);
  return findMentions(text, name, longer).reverse().flatMap(([begin, end]) => {
    const { node, at } = parts.findLast((part) => part.at <= begin);
    const inside = end - at <= node.data.length && !node.parentElement?.closest('.mention');
    return inside ? [/** @type {[Text, number, number]} */ ([node, begin - at, end - at])] : [];
  });
}

// Joins the text nodes of a message, because an address may be linked in part. Code becomes a space.
function readTexts(root) {
  const nodes = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  /** @type {{node: Text, at: number}[]} */
  const parts = [];
  let text = '';
  for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
    if (node instanceof Element) {
      if (node.matches(BREAKS)) text += '\n';
    } else if (node.parentElement?.closest('code, pre')) {
      text += ' ';
    } else {
      parts.push({ node: /** @type {Text} */ (node), at: text.length });
      text += /** @type {Text} */ (node).data;
    }
  }
  return { text, parts };
}

/**
 * @param {{text: string, html?: string}} message
 * @param {string} name
 * @param {string[]} longer  known names that begin with it
 * @returns {boolean}
 */
export function isMentioned({ text, html = '' }, name, longer) {
  if (!AT.test(text)) return false;
  if (!html) return findMentions(text, name, longer).length > 0;
  return mentionsIn(new DOMParser().parseFromString(html, 'text/html').body, name, longer).length > 0; // parsed, never shown
}
