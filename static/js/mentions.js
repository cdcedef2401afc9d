/**
 * Whether a message speaks to somebody: it says @Name. Pure.
 */

/** A fence to its end or that of the message; then code within a line, between as many backticks. */
const CODE = /^ {0,3}(`{3,}|~{3,})[^\n]*(?:\n[\s\S]*?(?:^ {0,3}\1[`~]*[ \t]*$|$(?![\s\S]))|$(?![\s\S]))|(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\2(?!`)/gm;

/** What belongs to a word: a name that goes on is another name. */
const WORD = /[\p{L}\p{N}\p{M}_]/u;

/**
 * @param {string} text
 * @param {string} name
 * @returns {boolean} in whatever case; not in code, and not as part of a longer word or an address
 */
export function mentions(text, name) {
  if (!name || !text.includes('@') && !text.includes('\uff20')) return false;
  const said = fold(text.replace(CODE, ' '));
  const called = `@${fold(name)}`;
  for (let at = said.indexOf(called); at >= 0; at = said.indexOf(called, at + 1)) {
    const before = Array.from(said.slice(Math.max(0, at - 2), at)).at(-1) ?? '';
    const after = Array.from(said.slice(at + called.length, at + called.length + 2))[0] ?? '';
    if (!WORD.test(before) && !WORD.test(after)) return true;
  }
  return false;
}

// Capitals, because small letters are not always one: a sigma at the end of a word is another.
function fold(text) {
  return text.normalize('NFKC').toUpperCase().normalize('NFKC').replace(/\s+/gu, ' ');
}
