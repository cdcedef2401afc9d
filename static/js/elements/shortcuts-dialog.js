/**
 * <shortcuts-dialog>: the list of keyboard shortcuts. The question mark opens it, except while the
 * reader is typing or has turned shortcuts off.
 */

import { openDialog } from './dialogs.js';
import { settings } from '../lib/settings.js';
import { isTyping, SHORTCUTS } from './shortcuts.js';
import { say } from '../lib/words.js';

export class ShortcutsDialog extends HTMLElement {
  connectedCallback() {
    document.addEventListener('keydown', this.#pressed);
    this.querySelector('.keys').replaceChildren(...SHORTCUTS.map(row));
  }

  disconnectedCallback() {
    document.removeEventListener('keydown', this.#pressed);
  }

  #pressed = (event) => {
    if (event.key !== '?' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (settings.get('shortcuts') === 'off' || isTyping(event) || document.querySelector('dialog[open], join-form')) return;
    event.preventDefault();
    openDialog('shortcuts');
  };
}

function row({ keys, say: key }) {
  const [line, name, what] = ['div', 'dt', 'dd'].map((tag) => document.createElement(tag));
  name.append(...keys.map((text) => Object.assign(document.createElement('kbd'), { textContent: text })));
  what.textContent = say('shortcuts.' + key.split('.')[1]);
  line.append(name, what);
  return line;
}
