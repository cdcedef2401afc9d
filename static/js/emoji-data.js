/**
 * Where the vendored emoji picker and its data are, for whoever loads it when it is wanted.
 */

const FOLDER = new URL('../vendor/emoji-picker/', import.meta.url);

/** @param {string} name  @returns {string} the URL of one of its files */
export const emojiFile = (name) => new URL(name, FOLDER).href;

/** What both the picker and its database want to know. */
export const emojiSource = {
  locale: document.documentElement.lang.split('-')[0] || 'en',
  dataSource: emojiFile('data.json'),
};
