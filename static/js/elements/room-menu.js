/**
 * <room-menu>: the actions of a room, and the entries that open dialogs (see dialogs.js). It is a
 * popover, with the keyboard navigation of a menu.
 *
 * Events (they bubble): `leave-room`, detail the slug.
 */

import { moveFocus } from '../lib/roving-focus.js';
import { settings } from '../lib/settings.js';
import { say } from '../lib/words.js';

export class RoomMenu extends HTMLElement {
  connectedCallback() {
    this.addEventListener('click', this.#clicked);
    this.addEventListener('keydown', this.#pressed);
    this.addEventListener('toggle', this.#toggled);
    settings.addEventListener('change', this.#show);
    this.#show();
  }

  disconnectedCallback() {
    this.removeEventListener('click', this.#clicked);
    this.removeEventListener('keydown', this.#pressed);
    this.removeEventListener('toggle', this.#toggled);
    settings.removeEventListener('change', this.#show);
  }

  #show = () => {
    this.querySelector('[data-action=notes]').ariaChecked = String(settings.get('notes') === 'hidden');
    this.querySelector('[data-shows=theme]').textContent = say('menu.theme.' + settings.get('theme'));
    this.querySelector('[data-shows=notifications]').textContent = say('menu.notifications.' + settings.get('notifications'));
  };

  #clicked = ({ target }) => {
    const action = target.closest('[data-action]')?.dataset.action;
    if (action === 'notes') this.#hideNotices();
    if (action !== 'leave') return;
    this.hidePopover();
    this.dispatchEvent(new CustomEvent('leave-room', { bubbles: true, detail: this.closest('chat-room').room }));
  };

  #hideNotices() {
    const kept = settings.set('notes', settings.get('notes') === 'hidden' ? 'shown' : 'hidden');
    this.#say(kept ? '' : say('settings.notKept'));
    if (kept) this.hidePopover();
  }

  #pressed = (event) => {
    if (event.key === 'Tab') this.hidePopover();
    else moveFocus(event, [...this.querySelectorAll('.menu-item')].filter((item) => item.checkVisibility()));
  };

  #toggled = () => this.#say('');

  #say(trouble) {
    this.querySelector('.menu-trouble').textContent = trouble;
  }
}
