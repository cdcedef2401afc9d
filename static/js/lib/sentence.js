/**
 * Writes a sentence into the page. A name, an address or code in it (see named in formats.js)
 * becomes <bdi translate="no">: a browser that translates the page leaves it as it is.
 */

/** The isolates of UAX #9, the innermost ones: a row of sentences is isolated around them. */
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
