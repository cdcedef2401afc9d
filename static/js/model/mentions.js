/**
 * Finds mentions of a name in a text: @ and the name, but not inside an address. Pure.
 *
 * message-mentions.js handles a whole message, in which code mentions nobody;
 * markdown/testdata/mentions.json has test cases for both.
 */

import { findLinks } from './links.js';

/** Matches a word character before the @ or after the name: @Anna does not mention Ann; bob@ann.example and @ann@social.example are addresses. */
const ENDS_IN_WORD = /[\p{L}\p{N}\p{M}_]$/u;
const GOES_ON = /^(?:[\p{L}\p{N}\p{M}_]|[-@][\p{L}\p{N}])/u;
const AT = /[@\uff20]/g;

/**
 * Matches addresses that the server does not link: those with a scheme other than the web's, and
 * those with a path but no scheme, such as social.example/@Ann.
 */
const ADDRESSES = /(?<![\p{L}\p{N}.@-])(?:[a-z][a-z0-9+.-]{1,30}:\/\/|(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,63}(?::\d{1,5})?[/?#])[^\s<>"“”«»「」『』（），、。！？；：]*/giu;

/** The maximum length of a name in UTF-16 units: 32 characters, however they are composed. */
const LONGEST = 512;

/**
 * @param {string} text
 * @param {string} name  in any case
 * @param {string[]} [longer]  known names that begin with it: @Ann Example does not mention Ann
 * @returns {[number, number][]} the start and end of each mention, with the @
 */
export function findMentions(text, name, longer = []) {
  const wanted = fold(name);
  if (!wanted || text.search(AT) < 0) return [];
  const others = longer.map(fold);
  const addresses = findAddresses(text);
  /** @type {[number, number][]} */
  const found = [];
  for (const { index } of text.matchAll(AT)) {
    if (ENDS_IN_WORD.test(text.slice(Math.max(0, index - 2), index)) || isIn(addresses, index)) continue;
    const end = endOfName(text, index + 1, wanted);
    if (end > 0 && !others.some((other) => endOfName(text, index + 1, other) > end)) found.push([index, end]);
  }
  return found;
}

// Returns the ranges of all addresses, in order. findLinks finds those that the server links.
function findAddresses(text) {
  const links = findLinks(text);
  const starts = new Set(links.map(([begin]) => begin));
  const others = Array.from(text.matchAll(ADDRESSES), ({ 0: address, index }) => [index, index + address.length]);
  return [...links, ...others.filter(([begin]) => !starts.has(begin))].sort(([a], [b]) => a - b);
}

function isIn(ranges, index) {
  while (ranges.length > 0 && ranges[0][1] <= index) ranges.shift(); // the positions ascend
  return ranges.some(([begin, end]) => begin <= index && index < end);
}

// Returns the end of a name. The same name can have more or fewer units, so it is compared as it grows.
function endOfName(text, begin, wanted) {
  let end = begin;
  for (const character of text.slice(begin, begin + LONGEST)) {
    end += character.length;
    const said = fold(text.slice(begin, end));
    if (said === wanted && !GOES_ON.test(text.slice(end, end + 4))) return end;
    if (said.length > wanted.length + 4) return 0; // combining marks that follow may still compose
  }
  return 0;
}

/**
 * Folds a text for comparison, as names.Key does on the server. To upper case: lower case is not
 * unique, because a sigma has another form at the end of a word. Greek capitals have no accents, and
 * i, ı, I and İ are one letter.
 *
 * @param {string} text
 * @returns {string}
 */
export function fold(text) {
  const capitals = text.normalize('NFKC').toUpperCase().normalize('NFKD');
  return capitals.replace(/(\p{Script=Greek})\p{M}+/gu, '$1').replace(/I\u0307/gu, 'I').normalize('NFC').replace(/\s+/gu, ' ');
}
