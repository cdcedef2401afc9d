/**
 * <message-editor>: edits a message in its place. If the message was changed in the meantime, it
 * shows the other text above, and the author chooses; nothing is lost.
 *
 * Events (they bubble), all with the id of the message: `edit-input`, on every key, and
 * `save-edit`, detail { id, text }; `cancel-edit`, detail { id }.
 *
 * @typedef {object} Edit
 * @property {string} id      of the message
 * @property {string} text
 * @property {string} why     why it was refused, a sentence
 * @property {string} theirs  the present text, if it is not the one that was edited
 * @property {boolean} leads  whether the editor takes the focus
 */

import { write } from '../lib/sentence.js';
import { withoutControls } from '../lib/text-edits.js';
import { say } from '../lib/words.js';

/** On touch screens Enter inserts a line break, and the button saves. */
const TOUCH = '(pointer: coarse)';

export class MessageEditor extends HTMLElement {
  #id = '';
  #text = null;
  #life = new AbortController();

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.#text = this.querySelector('textarea');
    this.#text.addEventListener('input', () => this.#emit('edit-input'), { signal });
    this.addEventListener('keydown', this.#pressed, { signal });
    this.addEventListener('click', ({ target }) => {
      const choice = target.closest('[data-choice]')?.dataset.choice;
      if (choice === 'save') this.#save();
      else if (choice) this.#emit('cancel-edit');
    }, { signal });
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  /** @param {Edit} edit  Its text is shown once: afterwards the field has what the author types. */
  show({ id, text, why, theirs, leads }) {
    const [save, cancel] = this.querySelectorAll('.editor-bar button');
    if (this.#id !== id) {
      this.#id = id;
      this.#text.value = text;
      if (leads) this.#lead();
    }
    this.querySelector('.editor-theirs').hidden = !theirs;
    this.querySelector('.editor-other').textContent = theirs;
    save.textContent = theirs ? say('editor.keepMine') : say('editor.save');
    cancel.textContent = theirs ? say('editor.useTheirs') : say('editor.cancel');
    const reason = this.querySelector('.editor-why');
    reason.hidden = !why || theirs !== '';
    write(reason, why);
    this.#update();
  }

  #lead() {
    this.#text.focus({ preventScroll: true });
    this.#text.setSelectionRange(this.#text.value.length, this.#text.value.length);
  }

  #save() {
    if (this.#sendable.trim()) this.#emit('save-edit');
  }

  // The list's own keys, such as the arrows, are not for an editor within it.
  #pressed = (event) => {
    event.stopPropagation();
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      this.#emit('cancel-edit');
    }
    if (event.key !== 'Enter' || event.target !== this.#text || event.shiftKey) return;
    if (matchMedia(TOUCH).matches && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    if (!event.repeat) this.#save();
  };

  get #sendable() {
    return withoutControls(this.#text.value);
  }

  #emit(what) {
    this.#update();
    const detail = { id: this.#id, ...(what !== 'cancel-edit' && { text: this.#sendable }) };
    this.dispatchEvent(new CustomEvent(what, { bubbles: true, detail }));
  }

  #update() {
    this.querySelector('[data-choice=save]').disabled = this.#sendable.trim() === '';
    if (CSS.supports('field-sizing', 'content')) return;
    this.#text.style.height = 'auto';
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }
}
