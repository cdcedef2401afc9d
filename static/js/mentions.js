/**
 * Whether a text speaks to somebody, and where: @ and their name. Pure.
 */

/** A fence to its end or that of the message; then code within a line, between as many backticks. */
const CODE = /^ {0,3}(`{3,}|~{3,})[^\n]*(?:\n[\s\S]*?(?:^ {0,3}\1[`~]*[ \t]*$|$(?![\s\S]))|$(?![\s\S]))|(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\2(?!`)/gm;

/** What belongs to a word: @Anna is nobody's of the name Ann, and bob@ann.example is an address. */
const ENDS_IN_WORD = /[\p{L}\p{N}\p{M}_]$/u;
const GOES_ON = /^(?:[\p{L}\p{N}\p{M}_]|-[\p{L}\p{N}])/u;
const AT = /[@\uff20]/g;

/** No name takes more than so many UTF-16 units: 32 characters, however they are composed. */
const LONGEST = 512;

/**
 * @param {string} text  as it was typed
 * @param {string} name
 * @param {string[]} [longer]  names that begin with it: @Ann Example is not Ann
 * @returns {boolean} in whatever case; not in code, and not as part of a longer word or an address
 */
export function mentions(text, name, longer = []) {
  return findMentions(text.replace(CODE, ' '), name, longer).length > 0;
}

/**
 * @param {string} text
 * @param {string} name
 * @param {string[]} [longer]  names that begin with it
 * @returns {[number, number][]} where the mentions begin and end, the @ included
 */
export function findMentions(text, name, longer = []) {
  const wanted = fold(name);
  if (!wanted) return [];
  const others = longer.map(fold);
  /** @type {[number, number][]} */
  const found = [];
  for (const { index } of text.matchAll(AT)) {
    if (ENDS_IN_WORD.test(text.slice(Math.max(0, index - 2), index))) continue;
    const end = endOfName(text, index + 1, wanted);
    if (end > 0 && !others.some((other) => endOfName(text, index + 1, other) > end)) found.push([index, end]);
  }
  return found;
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
