/**
 * <settings-dialog>: the settings of this browser. Each change is saved at once and confirmed in
 * place; if it cannot be saved, the control goes back and an error appears.
 */

import { settings } from '../lib/settings.js';
import { say } from '../lib/words.js';

/** How long "Saved" is shown, in ms. */
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

  #submitted = (event) => event.preventDefault(); // Enter in a control; its value is saved already

  #changed = ({ target }) => {
    const { name } = target;
    if (!settings.set(name, chosen(target))) {
      this.#show();
      this.#say(name, say('settings.notKept'), true);
      return;
    }
    this.#say(name, say('settings.saved'));
    // The server renders the page in its language, so it is reloaded. Unsent text is kept.
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
