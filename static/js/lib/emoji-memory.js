/**
 * An emoji database in memory, with the interface of the vendored picker's own, for browsers whose
 * IndexedDB is forbidden or never opens.
 *
 * @typedef {object} Emoji
 * @property {string} unicode
 * @property {string} annotation
 * @property {number} group
 * @property {number} order
 * @property {number} version  of the emoji standard
 * @property {string[]} [shortcodes]
 * @property {string[]} [tags]
 * @property {string} [emoticon]
 * @property {{tone: number, unicode: string, version: number}[]} [skins]
 */

/** The minimum length of a word in a search; shorter ones are ignored. */
const SHORTEST = 2;

export class EmojiMemory {
  /** Custom emoji of the picker: there are none. */
  customEmoji = [];

  #loading = null;
  /** @type {{emoji: Emoji, words: string[]}[]} in the order of the data */
  #known = [];
  /** @type {Set<string>} such as :d, in lower case */
  #emoticons = new Set();
  #tone = 0;
  /** @type {Map<string, number>} how often each was chosen on this page */
  #chosen = new Map();

  /** @param {{locale: string, dataSource: string}} source */
  constructor({ locale, dataSource }) {
    this.locale = locale;
    this.dataSource = dataSource;
  }

  /** @returns {Promise<void>} resolves when the emoji are loaded; rejects if they cannot be, and may then be called again */
  ready() {
    this.#loading ??= this.#load().catch((why) => {
      this.#loading = null;
      throw why;
    });
    return this.#loading;
  }

  async #load() {
    const response = await fetch(this.dataSource);
    if (!response.ok) throw new Error(`${this.dataSource} was answered with ${response.status}`);
    const all = (await response.json()).map(emojiOf).sort((a, b) => a.order - b.order);
    this.#known = all.map((emoji) => ({ emoji, words: wordsOf(emoji) }));
    this.#emoticons = new Set(all.map(({ emoticon = '' }) => emoticon.toLowerCase()));
  }

  /** @param {number} group  @returns {Promise<Emoji[]>} */
  async getEmojiByGroup(group) {
    await this.ready();
    return this.#known.map(({ emoji }) => emoji).filter((emoji) => emoji.group === group);
  }

  /** @param {string} query  whole words, and the beginning of the last one  @returns {Promise<Emoji[]>} those that match all words */
  async getEmojiBySearchQuery(query) {
    await this.ready();
    const asked = query.split(/\s+/).flatMap((word) => (this.#emoticons.has(word.toLowerCase()) ? word.toLowerCase() : split(word))).filter((word) => word.length >= SHORTEST);
    const last = asked.pop();
    if (!last) return [];
    const fits = ({ words }) => asked.every((word) => words.includes(word)) && words.some((word) => word.startsWith(last));
    return this.#known.filter(fits).map(({ emoji }) => emoji);
  }

  /** @param {string} unicode  with any skin tone  @returns {Promise<Emoji|null>} */
  async getEmojiByUnicodeOrName(unicode) {
    await this.ready();
    const is = ({ emoji }) => emoji.unicode === unicode || emoji.skins?.some((skin) => skin.unicode === unicode);
    return this.#known.find(is)?.emoji ?? null;
  }

  /** @returns {Promise<number>} 0: the default */
  async getPreferredSkinTone() {
    return this.#tone;
  }

  /** @param {number} tone */
  async setPreferredSkinTone(tone) {
    this.#tone = tone;
  }

  /** @param {string} unicode */
  async incrementFavoriteEmojiCount(unicode) {
    this.#chosen.set(unicode, (this.#chosen.get(unicode) ?? 0) + 1);
  }

  /** @param {number} limit  @returns {Promise<Emoji[]>} the most frequently chosen */
  async getTopFavoriteEmoji(limit) {
    await this.ready();
    const most = [...this.#chosen].sort(([, a], [, b]) => b - a);
    return most.flatMap(([unicode]) => this.#known.find(({ emoji }) => emoji.unicode === unicode)?.emoji ?? []).slice(0, limit);
  }

  async close() {}
}

/** @param {any} entry  of data.json  @returns {Emoji} */
function emojiOf({ emoji: unicode, skins, ...known }) {
  return { ...known, unicode, ...(skins && { skins: skins.map(({ emoji, ...skin }) => ({ ...skin, unicode: emoji })) }) };
}

function wordsOf({ annotation, shortcodes = [], tags = [], emoticon = '' }) {
  const all = [annotation, ...shortcodes, ...tags].flatMap(split);
  return [...new Set([...all, emoticon.toLowerCase()])].filter((word) => word.length >= SHORTEST);
}

// A word without letters is kept as it is.
function split(text) {
  return text.split(/[\s_]+/).map((word) => (/\w/.test(word) ? word.replace(/[)(:,]/g, '').replace(/’/g, "'") : word).toLowerCase());
}
