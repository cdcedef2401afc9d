/**
 * <settings-dialog>: what one chooses for this browser. Each choice is kept at once and says so
 * in its place; one that could not be kept goes back, and says why.
 */

import { settings } from '../lib/settings.js';
import { say } from '../lib/words.js';

/** How long "Saved" is said, in ms. */
const SAID_FOR = 4_000;

export class SettingsDialog extends HTMLElement {
  #form = null;
  #timers = new Map();

  connectedCallback() {
    this.#form = this.querySelector('.dialog-body');
    this.#form.addEventListener('change', this.#changed);
    this.#form.addEventListener('submit', this.#submitted);
    settings.addEventListener('change', this.#show);
    this.#show();
  }

  disconnectedCallback() {
    this.#form.removeEventListener('change', this.#changed);
    this.#form.removeEventListener('submit', this.#submitted);
    settings.removeEventListener('change', this.#show);
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #submitted = (event) => event.preventDefault(); // Enter in a control: it is kept already

  #changed = ({ target }) => {
    const { name } = target;
    if (!settings.set(name, chosen(target))) {
      this.#show();
      this.#say(name, say('settings.notKept'), true);
      return;
    }
    this.#say(name, say('settings.saved'));
    // The words of a page are chosen by the server. What is being written is kept.
    if (name === 'language') location.reload();
  };

  #show = () => {
    for (const control of this.#form.querySelectorAll('[name]:is(input, select)')) {
      const value = settings.get(control.name);
      if (control.type === 'radio') control.checked = control.value === value;
      else if (control.type === 'checkbox') control.checked = control.dataset.on === value;
      else control.value = value;
    }
  };

  #say(name, sentence, failed = false) {
    const said = this.querySelector(`[data-says="${name}"]`);
    said.textContent = sentence;
    said.toggleAttribute('data-failed', failed);
    clearTimeout(this.#timers.get(name));
    if (!failed) this.#timers.set(name, setTimeout(() => (said.textContent = ''), SAID_FOR));
  }
}

function chosen({ type, checked, dataset, value }) {
  if (type !== 'checkbox') return value;
  return checked ? dataset.on : dataset.off;
}
