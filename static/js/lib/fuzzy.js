/**
 * Finds by a few letters: "nw" finds "Night watch", and "cafe" finds "Café". Pure.
 */

/** What a letter is worth that begins the text, begins a word, or goes on after the one before. */
const FIRST = 12;
const WORD = 8;
const NEXT = 10;

/** Of two texts with the same letters the shorter one is meant. */
const LENGTH = .02;

/** A letter that is not looked for, between two that are, makes it a little less likely. */
const SKIPPED = .1;

/** @param {string} text  @returns {string} without case and marks, as it is compared */
export function fold(text) {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/**
 * @param {string} query
 * @param {string} text
 * @returns {number} how well the text fits; 0 if not all letters of the query are in it, in order
 */
export function fit(query, text) {
  const wanted = Array.from(fold(query).replace(/\s+/gu, ''));
  const letters = Array.from(fold(text));
  if (wanted.length === 0) return 1;
  // best[at] is what the letters up to this one are worth if the last of them stands at `at`.
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
 * @returns {T[]} those that fit, the best first; those that fit as well as each other in their order
 */
export function rank(query, items, textOf) {
  return items.map((item) => ({ item, fits: fit(query, textOf(item)) }))
    .filter(({ fits }) => fits > 0)
    .sort((a, b) => b.fits - a.fits)
    .map(({ item }) => item);
}

function goOn(letters, letter, before) {
  let far = -Infinity; // the best of those before that are no neighbours
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
