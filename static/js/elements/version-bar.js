/**
 * <version-bar>: says that the server has a new version of the page. Reloading is optional, and
 * loses nothing: unsent text is kept.
 */

import { say } from '../lib/words.js';

export class VersionBar extends HTMLElement {
  connectedCallback() {
    document.addEventListener('new-version', this.#show);
    this.addEventListener('click', this.#clicked);
  }

  disconnectedCallback() {
    document.removeEventListener('new-version', this.#show);
    this.removeEventListener('click', this.#clicked);
  }

  #show = () => {
    this.hidden = false;
    this.querySelector('.banner-title').textContent = say('version.new');
    this.querySelector('.banner-why').textContent = say('version.kept');
  };

  #clicked = ({ target }) => {
    const action = target.closest('[data-action]')?.dataset.action;
    if (action === 'reload') location.reload();
    if (action === 'dismiss') this.hidden = true;
  };
}
