/**
 * Writes a sentence into the page. A name, an address, or code in it (see named in formats.js)
 * becomes <bdi translate="no">, which browsers do not translate.
 */

/** Matches the innermost isolates of UAX #9; a list of sentences has outer ones around each. */
const NAMED = /\u2068([^\u2066-\u2069]*)\u2069/;

/**
 * @param {Element} element
 * @param {string} sentence
 */
export function write(element, sentence) {
  const parts = sentence.split(NAMED).map((part, i) => (i % 2 === 0 ? part : untranslated(part)));
  element.replaceChildren(...parts.filter((part) => part !== ''));
}

function untranslated(name) {
  return Object.assign(document.createElement('bdi'), { translate: false, textContent: name });
}
