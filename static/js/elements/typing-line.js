/**
 * <typing-line>: who is typing, above the composer. Its space is always reserved, so that nothing
 * moves when it appears.
 */

import { write } from '../lib/sentence.js';
import { typingSentence } from '../model/typing.js';

export class TypingLine extends HTMLElement {
  #timer = 0;
  #said = '';
  /** @type {import('../model/typing.js').Typing|null} */
  #typing = null;

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  /** @param {import('../model/typing.js').Typing} typing  of the room that is shown */
  show(typing) {
    this.#typing = typing;
    this.update();
  }

  update = () => {
    const now = performance.now();
    const sentence = typingSentence(this.#typing?.names(now) ?? []);
    if (sentence !== this.#said) write(this.querySelector('.typing-text'), sentence);
    this.#said = sentence;
    this.toggleAttribute('data-someone', sentence !== '');
    clearTimeout(this.#timer);
    if (sentence) this.#timer = setTimeout(this.update, this.#typing.next(now));
  };
}
