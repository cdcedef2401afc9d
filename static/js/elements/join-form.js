/**
 * <join-form>: the sign-in form. The form inside also works without this module; then the server
 * answers it with a page.
 *
 * Events: `join` (bubbles), detail { name, age } as typed.
 */

import { named } from '../lib/formats.js';
import { bypassURL } from '../lib/bypass-worker.js';
import { write } from '../lib/sentence.js';
import { recall } from '../lib/storage.js';
import { say } from '../lib/words.js';

/** The ids of the fields that can have errors, which are also the names of the errors. */
const FIELDS = ['name', 'age'];

export class JoinForm extends HTMLElement {
  #form = null;
  #alert = null;
  #button = null;
  #offer = null;
  #login = null;

  connectedCallback() {
    this.#form = this.querySelector('form');
    this.#alert = this.querySelector('[role=alert]');
    this.#button = this.querySelector('[type=submit].join-connect');
    this.#offer = this.querySelector('.join-suggestion');
    this.#login = this.querySelector('.join-login');
    this.#form.addEventListener('submit', this.#submit);
    this.#form.addEventListener('input', this.#edited);
    this.#offer.addEventListener('click', this.#accepted);
    this.#prefill();
  }

  disconnectedCallback() {
    this.#form.removeEventListener('submit', this.#submit);
    this.#form.removeEventListener('input', this.#edited);
    this.#offer.removeEventListener('click', this.#accepted);
  }

  /** @param {boolean} busy  whether a request is pending */
  set busy(busy) {
    this.#button.disabled = busy;
    this.#button.textContent = busy ? say('join.busy') : say('join.connect');
  }

  /**
   * Shows each error at its field, and focuses the first of them.
   *
   * @param {import('../net/check.js').Errors} errors
   * @param {string} [suggestion]  a name that is free, '' if there is none
   * @param {boolean} [another]  something other than the server answered, and may require a login
   */
  showErrors(errors, suggestion = '', another = false) {
    this.#suggest(suggestion);
    this.#login.hidden = !another;
    this.#login.href = bypassURL();
    for (const field of FIELDS) this.#mark(field, errors[field] ?? '');
    write(this.#alert, [errors.room, errors.form].filter(Boolean).join(' '));
    const wrong = FIELDS.find((field) => errors[field]);
    (wrong ? this.#form.elements[wrong] : this.#button).focus();
  }

  #submit = (event) => {
    event.preventDefault();
    if (this.#button.disabled) return;
    this.#alert.textContent = '';
    this.#login.hidden = true;
    this.#suggest('');
    const { name, age } = this.#form.elements;
    this.dispatchEvent(new CustomEvent('join', { bubbles: true, detail: { name: name.value, age: age.value } }));
  };

  #edited = ({ target }) => this.#mark(target.name, '');

  // Accepts the suggested name. Without this module, the button submits it as its value.
  #accepted = (event) => {
    event.preventDefault();
    this.#form.elements.name.value = this.#offer.value;
    this.#mark('name', '');
    this.#form.requestSubmit(this.#button);
  };

  #suggest(name) {
    this.#offer.hidden = name === '';
    this.#offer.value = name;
    write(this.#offer, say('join.use', { name: named(name) }));
  }

  #mark(field, sentence) {
    const input = this.#form.elements[field];
    input.classList.toggle('is-invalid', sentence !== '');
    if (sentence) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
    write(this.querySelector(`#${field}-error`), sentence);
  }

  // Fills in the last name and age. What the server filled in answers something just typed, and takes precedence.
  #prefill() {
    const { name, age } = this.#form.elements;
    if (name.value || age.value) return;
    const asked = new URLSearchParams(location.search); // a kept page was rendered before this query
    name.value = asked.get('name') ?? recall('name');
    age.value = asked.get('age') ?? (asked.has('name') ? '' : recall('age'));
  }
}
