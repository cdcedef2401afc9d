/**
 * <pins-dialog>: the pinned messages of the room.
 *
 * Events (they bubble): `show-pins`, when it opens; `open-quote`, detail the seq of the message to go
 * to; `pin`, detail the id of a message to unpin.
 */

import { clock, dayOfYear, named } from '../lib/formats.js';
import { write } from '../lib/sentence.js';
import { plainText } from '../model/plain-text.js';
import { say } from '../lib/words.js';

export class PinsDialog extends HTMLElement {
  #dialog = null;

  connectedCallback() {
    this.#dialog = this.querySelector('dialog');
    this.addEventListener('click', this.#clicked);
    this.#dialog.addEventListener('toggle', this.#toggled);
    if (this.#dialog.open) this.#toggled({ newState: 'open' }); // it was opened before the element was defined
  }

  disconnectedCallback() {
    this.removeEventListener('click', this.#clicked);
    this.#dialog.removeEventListener('toggle', this.#toggled);
  }

  /** @param {import('../model/room-record.js').Message[]} messages  in the order of the room  @param {string} [why]  why there are none, a sentence */
  show(messages, why = say('pins.none')) {
    this.querySelector('.pins-none').textContent = messages.length > 0 ? '' : why;
    this.querySelector('ul').replaceChildren(...messages.map(row).reverse());
  }

  #toggled = ({ newState }) => {
    if (newState === 'open') this.dispatchEvent(new CustomEvent('show-pins', { bubbles: true }));
  };

  #clicked = ({ target }) => {
    const { id = '', seq = '' } = target.closest('[data-seq]')?.dataset ?? {};
    const action = target.closest('[data-action]')?.dataset.action;
    if (!action || !id) return;
    if (action === 'open-quote') this.#dialog.close();
    this.dispatchEvent(new CustomEvent(action, { bubbles: true, detail: action === 'pin' ? id : Number(seq) }));
  };
}

/** @param {import('../model/room-record.js').Message} message */
function row({ id, seq, from, text, at, pinned }) {
  const item = document.importNode(document.getElementById('pin-row').content.firstElementChild, true);
  Object.assign(item.dataset, { id, seq });
  item.querySelector('bdi').textContent = from;
  const when = new Date(at);
  item.querySelector('time').textContent = `${dayOfYear.format(when)}, ${clock.format(when)}`;
  item.querySelector('.pin-text').textContent = plainText(text);
  write(item.querySelector('.pin-by'), say('pinned.by', { name: named(pinned.by.name) }));
  return item;
}
