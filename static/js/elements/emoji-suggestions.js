/**
 * <emoji-suggestions>: suggests emoji while a shortcode such as :smi is typed. Arrows select, Enter
 * and Tab accept, and Escape dismisses. Its `for` names the text field.
 */

import { inCode } from '../model/composer-format.js';
import { loadEmoji } from '../lib/emoji.js';
import { apply } from '../lib/text-edits.js';

/** Matches the beginning of a shortcode: not a time, and not in the middle of a word. */
const BEGUN = /(?:^|[\s(]):([\p{L}+][\p{L}\p{N}_+-]+)$/u;

/** The number of suggestions to show. */
const MOST = 6;

export class EmojiSuggestions extends HTMLElement {
  #field = null;
  #life = new AbortController();
  #begun = '';
  #left = '';

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.#field = document.getElementById(this.getAttribute('for'));
    this.#field.addEventListener('input', this.#typed, { signal });
    this.#field.addEventListener('blur', this.#close, { signal });
    this.#field.addEventListener('click', this.#close, { signal });
    // In the capture phase, before the field's own keys: there, Enter sends.
    this.closest('form').addEventListener('keydown', this.#pressed, { signal, capture: true });
    this.addEventListener('mousedown', (event) => event.preventDefault(), { signal });
    this.addEventListener('click', this.#clicked, { signal });
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  #typed = async () => {
    const { value, selectionStart, selectionEnd } = this.#field;
    const begun = selectionStart === selectionEnd && BEGUN.exec(value.slice(0, selectionStart))?.[1];
    this.#begun = begun || '';
    if (!begun || (this.#left && begun.startsWith(this.#left)) || inCode(value, selectionStart)) {
      if (!begun) this.#left = '';
      this.#close();
      return;
    }
    const found = await this.#find(begun.toLowerCase());
    if (this.#begun === begun) this.#show(found);
  };

  async #find(name) {
    try {
      const { emojiDatabase } = await loadEmoji();
      const found = await (await emojiDatabase()).getEmojiBySearchQuery(name);
      const named = found.map(({ unicode, shortcodes = [] }) => ({ unicode, name: shortcodes.find((code) => code.startsWith(name)) }));
      return named.filter((emoji) => emoji.name).sort((a, b) => a.name.length - b.name.length).slice(0, MOST);
    } catch {
      return []; // without suggestions, because the server understands the shortcode as well
    }
  }

  #show(found) {
    this.replaceChildren(...found.map(({ unicode, name }, n) => {
      const option = document.createElement('div');
      Object.assign(option, { id: `emoji-suggestion-${n}`, role: 'option', translate: false, textContent: `${unicode} :${name}:` });
      option.className = 'suggestion';
      option.dataset.emoji = unicode;
      return option;
    }));
    this.hidden = found.length === 0;
    this.#choose(this.firstElementChild);
  }

  #choose(option) {
    for (const each of this.children) each.ariaSelected = String(each === option);
    if (option) this.#field.setAttribute('aria-activedescendant', option.id);
    else this.#field.removeAttribute('aria-activedescendant');
  }

  #pressed = (event) => {
    if (this.hidden || event.isComposing || event.target !== this.#field) return;
    const chosen = this.querySelector('[aria-selected=true]');
    const acts = {
      ArrowDown: () => this.#choose(chosen.nextElementSibling ?? this.firstElementChild),
      ArrowUp: () => this.#choose(chosen.previousElementSibling ?? this.lastElementChild),
      Enter: () => this.#take(chosen),
      Tab: () => this.#take(chosen),
      Escape: () => this.#leave(),
    };
    if (!acts[event.key] || event.shiftKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  };

  #take(option) {
    if (!option) return;
    const to = this.#field.selectionStart;
    const from = to - this.#begun.length - 1;
    const { emoji } = option.dataset;
    this.#close();
    apply(this.#field, { from, to, text: emoji, select: [from + emoji.length, from + emoji.length] });
  }

  #clicked = ({ target }) => this.#take(target.closest('[role=option]'));

  // Dismisses the suggestions for this word.
  #leave() {
    this.#left = this.#begun;
    this.#close();
  }

  #close = () => {
    this.hidden = true;
    this.#choose(null);
  };
}
