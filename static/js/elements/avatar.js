/**
 * The small square that stands for somebody: initials on one of eight grounds. The ground is
 * drawn from who it is, so a person has the same on every screen and after every visit.
 */

/** The names of css/tokens.css. Their order decides who gets which: append only. */
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
  // FNV-1a, and then a stir: alone it gives names that differ at the end (user1, user2) few tones.
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
 * @param {string} [id]  tells two of one name apart
 */
export function paintAvatar(element, name, id = '') {
  element.dataset.tone = tone(id || name);
  element.textContent = initials(name);
}

// A letter with its marks, or an emoji of several code points, is one.
function graphemes(word) {
  if (!('Segmenter' in Intl)) return Array.from(word);
  return Array.from(new Intl.Segmenter().segment(word), ({ segment }) => segment);
}
