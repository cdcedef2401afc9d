/**
 * <emoji-button>: opens the emoji picker above the composer.
 *
 * Events (they bubble): `emoji`, detail the chosen emoji. The picker is closed then.
 */

import { EmojiPicker } from './emoji-picker.js';

/** The distance from the composer, in px. */
const GAP = 8;

export class EmojiButton extends HTMLElement {
  #button = null;
  #popover = null;
  /** @type {EmojiPicker|null} */
  #picker = null;

  connectedCallback() {
    this.#button = this.querySelector('button');
    this.#popover = this.querySelector('[popover]');
    this.#picker ??= new EmojiPicker(this.#popover);
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
    this.#picker.open();
  };

  // Places the picker above the composer, which it must not cover. On a phone the style sheet makes it a bottom sheet.
  #place() {
    const { top, left, right } = this.closest('form').getBoundingClientRect();
    const start = getComputedStyle(this).direction === 'rtl' ? innerWidth - right : left;
    this.#popover.style.setProperty('--above', `${innerHeight - top + GAP}px`);
    this.#popover.style.setProperty('--start', `${start}px`);
  }

  #chosen = ({ detail }) => {
    this.#popover.hidePopover();
    this.dispatchEvent(new CustomEvent('emoji', { bubbles: true, detail: detail.unicode }));
  };
}
