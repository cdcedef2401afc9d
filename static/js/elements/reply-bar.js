/**
 * <reply-bar>: above the text of the composer, the message that it replies to.
 *
 * Events: `cancel-reply` (bubbles).
 */

import { named } from '../lib/formats.js';
import { write } from '../lib/sentence.js';
import { plainText } from '../model/plain-text.js';
import { say } from '../lib/words.js';

export class ReplyBar extends HTMLElement {
  #life = new AbortController();

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.querySelector('button').addEventListener('click', this.#cancel, { signal });
    this.closest('form').addEventListener('keydown', this.#pressed, { signal });
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  /** @param {{from?: string, text?: string}|null} quote  null for no reply; without a text, the message was deleted */
  show(quote) {
    this.hidden = quote === null;
    write(this.querySelector('.reply-to'), quote?.from ? say('reply.to', { name: named(quote.from) }) : '');
    this.querySelector('.reply-text').textContent = quote ? plainText(quote.text ?? say('quote.gone')) : '';
  }

  #pressed = (event) => {
    if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing || this.hidden) return;
    event.preventDefault(); // or it would mark the room as read
    this.#cancel();
  };

  #cancel = () => this.dispatchEvent(new CustomEvent('cancel-reply', { bubbles: true }));
}
