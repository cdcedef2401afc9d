/**
 * Avatars: a small square with a person's initials on one of eight background tones. The tone is
 * derived from the id, so a person has the same one on every screen and after every visit.
 */

/** The tones of css/tokens.css. Their order decides who gets which one: only append. */
const TONES = ['clay', 'ochre', 'moss', 'fjord', 'slate', 'heather', 'rose', 'stone'];

/**
 * @param {string} name
 * @returns {string} the first letters of the first and the last word, at most two
 */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) return '';
  const letters = words.length === 1
    ? graphemes(words[0]).slice(0, 2)
    : [graphemes(words[0])[0], graphemes(words.at(-1))[0]];
  return letters.join('').toUpperCase();
}

/**
 * @param {string} who  an id or a name
 * @returns {string} one of the tones
 */
export function tone(who) {
  // FNV-1a, then a final mix: without it, names that differ at the end (user1, user2) share a few tones.
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(who.normalize('NFKC').toLowerCase())) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return TONES[(hash ^ (hash >>> 15)) & (TONES.length - 1)];
}

/**
 * @param {HTMLElement} element  an .avatar
 * @param {string} name
 * @param {string} [id]  distinguishes people of the same name
 */
export function paintAvatar(element, name, id = '') {
  element.dataset.tone = tone(id || name);
  element.textContent = initials(name);
}

// Splits a word into graphemes: a letter with its marks, or an emoji of several code points, is one.
function graphemes(word) {
  if (!('Segmenter' in Intl)) return Array.from(word);
  return Array.from(new Intl.Segmenter().segment(word), ({ segment }) => segment);
}
