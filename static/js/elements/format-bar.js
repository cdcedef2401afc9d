/**
 * <format-bar>: the formatting buttons below the text, and their keyboard shortcuts. Its `for`
 * names the text field. It also handles what is pasted and typed there: a URL pasted over selected
 * words makes a link, and three backticks open a code block.
 */

import { code, fence, link, quote, wrap } from '../model/composer-format.js';
import { apply } from '../lib/text-edits.js';

const FORMATS = {
  bold: (text, from, to) => wrap(text, from, to, '**'),
  italic: (text, from, to) => wrap(text, from, to, '_'),
  code,
  quote,
};

const KEYS = { b: 'bold', i: 'italic', e: 'code' };

/** On Apple systems Ctrl moves the cursor, as in Emacs, so shortcuts use Cmd. */
const APPLE = /Mac|iPhone|iPad/.test(navigator.platform);

export class FormatBar extends HTMLElement {
  #field = null;
  #life = new AbortController();

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.#field = document.getElementById(this.getAttribute('for'));
    this.addEventListener('click', this.#clicked, { signal });
    this.#field.addEventListener('keydown', this.#pressed, { signal });
    this.#field.addEventListener('paste', this.#pasted, { signal });
    this.#field.addEventListener('input', this.#typed, { signal });
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  #clicked = ({ target }) => {
    const button = target.closest('[data-format]');
    if (button) this.#format(button.dataset.format);
  };

  #pressed = (event) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey, isComposing } = event;
    const format = KEYS[key.toLowerCase()];
    if (!format || isComposing || altKey || shiftKey || ctrlKey === APPLE || metaKey !== APPLE) return;
    event.preventDefault();
    this.#format(format);
  };

  #format(name) {
    const { value, selectionStart, selectionEnd } = this.#field;
    apply(this.#field, FORMATS[name](value, selectionStart, selectionEnd));
  }

  #pasted = (event) => {
    const { value, selectionStart, selectionEnd } = this.#field;
    const edit = link(value, selectionStart, selectionEnd, event.clipboardData.getData('text/plain'));
    if (!edit) return;
    event.preventDefault();
    apply(this.#field, edit);
  };

  #typed = ({ inputType, data }) => {
    const { value, selectionStart, selectionEnd } = this.#field;
    if (inputType === 'insertText' && data === '`' && selectionStart === selectionEnd) apply(this.#field, fence(value, selectionStart));
  };
}
