/**
 * <message-composer>: where one writes. It keeps what is written, per room, until it is sent.
 *
 * Events (they bubble): `say`, detail the text, which is gone from here then; `writing`, with
 * every key.
 */

import { recall, remember } from './storage.js';

const bytes = new TextEncoder();
const number = new Intl.NumberFormat();

/** Where a placeholder that says all of it would be cut off. */
const NARROW = '(width < 768px)';

/** From this part of the limit on the count is shown. */
const NEARLY = 0.9;

export class MessageComposer extends HTMLElement {
  #form = null;
  #text = null;
  #count = null;
  #button = null;
  #room = '';
  #title = '';
  #away = false;
  #silent = false;

  connectedCallback() {
    this.#form = this.querySelector('form');
    this.#text = this.querySelector('textarea');
    this.#count = this.querySelector('.composer-count');
    this.#button = this.querySelector('[type=submit]');
    this.#form.addEventListener('submit', this.#submit);
    this.#text.addEventListener('input', this.#edited);
    this.#text.addEventListener('keydown', this.#pressed);
    this.#update();
  }

  disconnectedCallback() {
    this.#form.removeEventListener('submit', this.#submit);
    this.#text.removeEventListener('input', this.#edited);
    this.#text.removeEventListener('keydown', this.#pressed);
  }

  /**
   * @param {string} room   where it will be said; what was begun there is still there
   * @param {string} title
   */
  show(room, title) {
    this.#title = title;
    if (room !== this.#room) {
      this.#room = room;
      this.#text.value = recall(this.#draft);
    }
    this.#update();
  }

  /**
   * @param {object} how
   * @param {boolean} how.away    whether there is no connection: then what is sent waits
   * @param {boolean} how.silent  whether nothing was said in the room yet
   */
  set standing({ away, silent }) {
    if (this.#away === away && this.#silent === silent) return;
    this.#away = away;
    this.#silent = silent;
    this.#update();
  }

  /** Leads the keys here. Not on a touch screen, where it would open a keyboard over the room. */
  focus() {
    if (!matchMedia('(pointer: coarse)').matches) this.#text.focus();
  }

  #submit = (event) => {
    event.preventDefault();
    this.#text.focus();
    if (this.#button.disabled) return;
    const text = this.#text.value;
    this.#text.value = '';
    this.#keep();
    this.dispatchEvent(new CustomEvent('say', { bubbles: true, detail: text }));
  };

  #edited = () => {
    this.#keep();
    if (this.#text.value.trim()) this.dispatchEvent(new CustomEvent('writing', { bubbles: true }));
  };

  #keep() {
    remember(this.#draft, this.#text.value);
    this.#update();
  }

  #pressed = (event) => {
    if (event.key !== 'Enter' || event.shiftKey) return;
    // The Enter that ends a composition (Japanese, Chinese…) belongs to it; 229 is Safari's way to say so.
    if (event.isComposing || event.keyCode === 229) return;
    if (matchMedia('(pointer: coarse)').matches) return;
    event.preventDefault();
    if (!event.repeat) this.#form.requestSubmit();
  };

  get #draft() {
    return `draft.${this.#room}`;
  }

  #update() {
    const most = Number(this.dataset.maxText);
    const size = bytes.encode(this.#text.value).length;
    const over = size > most;
    this.#button.disabled = over || this.#text.value.trim() === '';
    this.#text.placeholder = this.#hint();
    this.#count.hidden = size < most * NEARLY;
    this.#count.textContent = this.#count.hidden ? '' : `${number.format(size)} of ${number.format(most)} bytes`;
    this.#count.toggleAttribute('data-over', over);
    this.#text.ariaInvalid = over ? 'true' : null;
    this.#fit();
  }

  #hint() {
    if (this.#away && matchMedia(NARROW).matches) return 'It waits until you are connected';
    if (this.#away) return `Message ${this.#title}. It waits here until you are connected.`;
    return this.#silent ? `Say the first thing in ${this.#title}` : `Message ${this.#title}`;
  }

  // For browsers without field-sizing. max-height in the style sheet ends the growth.
  #fit() {
    if (CSS.supports('field-sizing', 'content')) return;
    this.#text.style.height = 'auto';
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }
}
