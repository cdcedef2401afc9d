/**
 * <person-card>: details of a person, beside the clicked element. It is a popover, so Esc and a
 * click elsewhere close it, and the focus returns.
 *
 * Events: `mention` (bubbles), detail the name, to insert into the composer.
 *
 * @typedef {object} Person
 * @property {string} name
 * @property {string} id    '' if it is not known
 * @property {number} [age]
 * @property {boolean} here
 * @property {boolean} own
 * @property {import('../model/last-seen.js').Seen} [seen]
 */

import { paintAvatar } from './avatar.js';
import { clock } from '../lib/formats.js';
import { suffixFor } from '../model/identities.js';
import { say } from '../lib/words.js';

export class PersonCard extends HTMLElement {
  #name = '';
  #opener = null;

  connectedCallback() {
    this.addEventListener('click', this.#clicked);
    this.addEventListener('toggle', this.#toggled);
  }

  disconnectedCallback() {
    this.removeEventListener('click', this.#clicked);
    this.removeEventListener('toggle', this.#toggled);
  }

  /**
   * @param {Person} person
   * @param {HTMLElement|null} opener  the element to place the card beside
   */
  show({ name, id, age, here, own, seen }, opener) {
    this.#name = name;
    paintAvatar(this.querySelector('.avatar'), name, id);
    this.querySelector('bdi').textContent = name;
    this.querySelector('.suffix').textContent = suffixFor(name, id);
    this.querySelector('.card-age').textContent = age ? say('card.age', { n: age }) : '';
    this.querySelector('.card-here').textContent = standing(here, own, seen);
    this.toggleAttribute('data-here', here);
    if (this.matches(':popover-open')) this.hidePopover();
    this.#opener = opener;
    this.showPopover(opener ? { source: opener } : {});
  }

  // The browser returns the focus itself, except when the card was opened above the drawer.
  #toggled = ({ newState }) => {
    const { activeElement } = document;
    if (newState === 'closed' && (activeElement === document.body || this.contains(activeElement))) this.#opener?.focus();
  };

  #clicked = ({ target }) => {
    if (!target.closest('[data-action=mention]')) return;
    this.hidePopover();
    this.dispatchEvent(new CustomEvent('mention', { bubbles: true, detail: this.#name }));
  };
}

function standing(here, own, seen) {
  if (own) return say('card.you');
  const time = seen && seen.here === here ? clock.format(seen.at) : '';
  if (here) return time ? say('card.hereSince', { time }) : say('card.here');
  return time ? say('card.leftAt', { time }) : say('card.away');
}
