/**
 * The emoji picker in a popover. It is third-party; it and its data are loaded on first use, from our
 * own server. It emits `emoji-click`, and offers the emoji that are used most first.
 */

import { loadEmoji } from '../lib/emoji.js';
import { say } from '../lib/words.js';

/** The picker's languages besides English. */
const TRANSLATED = new Set(['ar']);

export class EmojiPicker {
  #popover;
  #loading = null;

  /** @param {HTMLElement} popover  with an .emoji-waiting, for the time until the picker is there */
  constructor(popover) {
    this.#popover = popover;
  }

  /** Loads the picker unless it is there, and focuses its search. */
  open() {
    this.#loading ??= this.#load();
    this.#lead();
  }

  async #load() {
    const waiting = this.#popover.querySelector('.emoji-waiting');
    waiting.textContent = say('emoji.loading');
    try {
      const { emojiDatabase, emojiFile, emojiSource, isInMemory } = await loadEmoji();
      const { Picker } = await import(emojiFile('index.js'));
      const { locale } = emojiSource;
      const i18n = TRANSLATED.has(locale) ? (await import(emojiFile(`i18n/${locale}.js`))).default : undefined;
      const database = await emojiDatabase();
      const picker = new Picker({ ...emojiSource, database, ...(i18n && { i18n }) });
      this.#popover.append(picker);
      waiting.textContent = isInMemory(database) ? say('emoji.notKept') : '';
    } catch {
      this.#loading = null; // try again the next time it is opened
      waiting.textContent = say('emoji.failed');
    }
  }

  // Focuses the picker's search. Not on a touch screen, where the keyboard would cover the emoji.
  async #lead() {
    await this.#loading;
    const inside = this.#popover.querySelector('emoji-picker')?.shadowRoot;
    if (!inside || matchMedia('(pointer: coarse)').matches) return;
    // The picker renders asynchronously.
    while (this.#isOpen && !inside.querySelector('input')) await new Promise(requestAnimationFrame);
    if (this.#isOpen) inside.querySelector('input').focus();
  }

  get #isOpen() {
    return this.#popover.matches(':popover-open');
  }
}
