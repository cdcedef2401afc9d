/**
 * The page's texts in its language, from the catalogue (locales/*.json). The server embeds them in
 * the page, so that nothing has to be loaded before the first of them is shown.
 */

import { isolated, language, number } from './formats.js';

/** @type {Record<string, string|Record<string, string>>} */
const words = JSON.parse(document.getElementById('words')?.textContent || '{}');
const plurals = new Intl.PluralRules(language);

/**
 * @param {string} key  of the catalogue
 * @param {Record<string, string|number>} [values]  the values of placeholders such as {name}; `n` selects the plural form
 * @returns {string} the text; the key itself if it is missing, which a test looks for
 */
export function say(key, values = {}) {
  const forms = words[key] ?? key;
  const text = typeof forms === 'string' ? forms : forms[plurals.select(Number(values.n))] ?? forms.other;
  return text.replace(/\{(\w+)\}/g, (all, name) => {
    const value = values[name];
    if (value === undefined) return all;
    return typeof value === 'number' ? number.format(value) : isolated(value);
  });
}
