/**
 * Fuzzy search: "nw" finds "Night watch", and "cafe" finds "Café". Pure.
 */

/** The scores of a letter that begins the text, begins a word, or follows the previous match. */
const FIRST = 12;
const WORD = 8;
const NEXT = 10;

/** The penalty per letter of a text, so that the shorter of two equal matches wins. */
const LENGTH = .02;

/** The penalty per skipped letter between two matches. */
const SKIPPED = .1;

/** @param {string} text  @returns {string} without case and diacritics, for comparison */
export function fold(text) {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/**
 * @param {string} query
 * @param {string} text
 * @returns {number} a score; 0 if the text does not have all letters of the query, in order
 */
export function fit(query, text) {
  const wanted = Array.from(fold(query).replace(/\s+/gu, ''));
  const letters = Array.from(fold(text));
  if (wanted.length === 0) return 1;
  // best[at] is the best score of the letters so far if the last of them is at `at`.
  let best = letters.map((letter, at) => (letter === wanted[0] ? worth(letters, at) : -Infinity));
  for (const letter of wanted.slice(1)) best = goOn(letters, letter, best);
  const most = Math.max(-Infinity, ...best);
  return most === -Infinity ? 0 : Math.max(most - letters.length * LENGTH, Number.EPSILON);
}

/**
 * @template T
 * @param {string} query
 * @param {T[]} items
 * @param {(item: T) => string} textOf
 * @returns {T[]} the matches, best first; equal scores keep their order
 */
export function rank(query, items, textOf) {
  return items.map((item) => ({ item, fits: fit(query, textOf(item)) }))
    .filter(({ fits }) => fits > 0)
    .sort((a, b) => b.fits - a.fits)
    .map(({ item }) => item);
}

function goOn(letters, letter, before) {
  let far = -Infinity; // the best earlier match that is not adjacent
  return letters.map((here, at) => {
    far -= SKIPPED;
    if (at > 1) far = Math.max(far, before[at - 2] - SKIPPED);
    if (here !== letter) return -Infinity;
    const near = at > 0 ? before[at - 1] + NEXT : -Infinity;
    return Math.max(near, far) + worth(letters, at);
  });
}

function worth(letters, at) {
  if (at === 0) return 1 + FIRST;
  return /[\p{L}\p{N}]/u.test(letters[at - 1]) ? 1 : 1 + WORD;
}
