/**
 * Where a text mentions somebody: @ and their name, and not inside an address. Pure.
 *
 * message-mentions.js looks at a whole message, of which code mentions nobody;
 * markdown/testdata/mentions.json has the cases of both.
 */

import { findLinks } from './links.js';

/** What belongs to a word: @Anna is nobody's of the name Ann; bob@ann.example and @ann@social.example are addresses. */
const ENDS_IN_WORD = /[\p{L}\p{N}\p{M}_]$/u;
const GOES_ON = /^(?:[\p{L}\p{N}\p{M}_]|[-@][\p{L}\p{N}])/u;
const AT = /[@\uff20]/g;

/**
 * Addresses that the server makes no link of: of another scheme than the web's, or without one
 * but with a path, such as social.example/@Ann.
 */
const ADDRESSES = /(?<![\p{L}\p{N}.@-])(?:[a-z][a-z0-9+.-]{1,30}:\/\/|(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,63}(?::\d{1,5})?[/?#])[^\s<>"“”«»「」『』（），、。！？；：]*/giu;

/** No name takes more than so many UTF-16 units: 32 characters, however they are composed. */
const LONGEST = 512;

/**
 * @param {string} text
 * @param {string} name  in whatever case
 * @param {string[]} [longer]  names that begin with it: @Ann Example is not Ann
 * @returns {[number, number][]} where the mentions begin and end, the @ included
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

// What the server makes links of, it knows best where they end; in order.
function findAddresses(text) {
  const links = findLinks(text);
  const starts = new Set(links.map(([begin]) => begin));
  const others = Array.from(text.matchAll(ADDRESSES), ({ 0: address, index }) => [index, index + address.length]);
  return [...links, ...others.filter(([begin]) => !starts.has(begin))].sort(([a], [b]) => a - b);
}

function isIn(ranges, index) {
  while (ranges.length > 0 && ranges[0][1] <= index) ranges.shift(); // places come in order
  return ranges.some(([begin, end]) => begin <= index && index < end);
}

// The same name may be written with more or fewer units: it is compared as it grows.
function endOfName(text, begin, wanted) {
  let end = begin;
  for (const character of text.slice(begin, begin + LONGEST)) {
    end += character.length;
    const said = fold(text.slice(begin, end));
    if (said === wanted && !GOES_ON.test(text.slice(end, end + 4))) return end;
    if (said.length > wanted.length + 4) return 0; // marks that follow may still be composed
  }
  return 0;
}

/**
 * How names are compared: in capitals, because small letters are not always one: a sigma at the
 * end of a word is another.
 *
 * @param {string} text
 * @returns {string}
 */
export function fold(text) {
  return text.normalize('NFKC').toUpperCase().normalize('NFKC').replace(/\s+/gu, ' ');
}
