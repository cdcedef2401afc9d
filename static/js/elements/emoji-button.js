/**
 * <emoji-button>: opens the emoji picker. The picker and its data are loaded on first use, from
 * our own server.
 *
 * Events (they bubble): `emoji`, detail the chosen emoji. The picker is closed then.
 */

import { emojiDatabase, emojiFile, emojiSource, isInMemory } from '../lib/emoji-data.js';
import { say } from '../lib/words.js';

/** The picker's languages besides English. */
const TRANSLATED = new Set(['ar']);

/** The distance from the composer, in px. */
const GAP = 8;

export class EmojiButton extends HTMLElement {
  #button = null;
  #popover = null;
  #loading = null;

  connectedCallback() {
    this.#button = this.querySelector('button');
    this.#popover = this.querySelector('[popover]');
    this.#popover.addEventListener('beforetoggle', this.#toggles);
    this.#popover.addEventListener('emoji-click', this.#chosen);
  }

  disconnectedCallback() {
    this.#popover.removeEventListener('beforetoggle', this.#toggles);
    this.#popover.removeEventListener('emoji-click', this.#chosen);
  }

  #toggles = ({ newState }) => {
    const open = newState === 'open';
    this.#button.ariaExpanded = String(open);
    if (!open) return;
    this.#place();
    this.#loading ??= this.#load();
    this.#lead();
  };

  // Places the picker above the composer, which it must not cover. On a phone the style sheet makes it a bottom sheet.
  #place() {
    const { top, left, right } = this.closest('form').getBoundingClientRect();
    const start = getComputedStyle(this).direction === 'rtl' ? innerWidth - right : left;
    this.#popover.style.setProperty('--above', `${innerHeight - top + GAP}px`);
    this.#popover.style.setProperty('--start', `${start}px`);
  }

  async #load() {
    const waiting = this.#popover.querySelector('.emoji-waiting');
    waiting.textContent = say('emoji.loading');
    try {
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
    while (this.#open && !inside.querySelector('input')) await new Promise(requestAnimationFrame);
    if (this.#open) inside.querySelector('input').focus();
  }

  get #open() {
    return this.#popover.matches(':popover-open');
  }

  #chosen = ({ detail }) => {
    this.#popover.hidePopover();
    this.dispatchEvent(new CustomEvent('emoji', { bubbles: true, detail: detail.unicode }));
  };
}
