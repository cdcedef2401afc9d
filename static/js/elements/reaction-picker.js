/**
 * <reaction-picker>: the emoji picker for a reaction, beside its message. It is a popover.
 *
 * Events (they bubble): `react`, detail { id, emoji }: the id of the message, and the chosen emoji with
 * its skin tone.
 */

import { EmojiPicker } from './emoji-picker.js';

export class ReactionPicker extends HTMLElement {
  #id = '';
  #opener = null;
  #picker = new EmojiPicker(this);

  connectedCallback() {
    this.addEventListener('emoji-click', this.#chosen);
    this.addEventListener('toggle', this.#toggled);
  }

  disconnectedCallback() {
    this.removeEventListener('emoji-click', this.#chosen);
    this.removeEventListener('toggle', this.#toggled);
  }

  /** @param {HTMLElement} row  the message, to place the picker beside */
  open(row) {
    this.#id = row.dataset.id;
    this.#opener = row;
    if (this.matches(':popover-open')) this.hidePopover();
    this.showPopover({ source: row.querySelector('.message-body') });
    this.#picker.open();
  }

  #toggled = ({ newState }) => {
    const { activeElement } = document;
    if (newState === 'closed' && (activeElement === document.body || this.contains(activeElement))) this.#opener?.focus({ preventScroll: true });
  };

  #chosen = ({ detail }) => {
    this.hidePopover();
    this.dispatchEvent(new CustomEvent('react', { bubbles: true, detail: { id: this.#id, emoji: detail.unicode } }));
  };
}
