/**
 * <message-menu>: everything that can be done with a message. It is a popover beside the message,
 * on a phone a bottom sheet.
 *
 * Events of the row (they bubble), detail the id of the message: those named by data-action; and
 * `react`, detail { id, emoji }.
 */

import { moveFocus } from '../lib/roving-focus.js';
import { clock } from '../lib/formats.js';
import { plainText } from '../model/plain-text.js';
import { recentEmoji } from '../lib/recent-emoji.js';

export class MessageMenu extends HTMLElement {
  /** @type {HTMLElement|null} the row of the message */
  #row = null;
  #opener = null;

  connectedCallback() {
    this.addEventListener('click', this.#clicked);
    this.addEventListener('keydown', this.#pressed);
    this.addEventListener('toggle', this.#toggled);
    document.addEventListener('pointerdown', this.#elsewhere, true);
  }

  disconnectedCallback() {
    this.removeEventListener('click', this.#clicked);
    this.removeEventListener('keydown', this.#pressed);
    this.removeEventListener('toggle', this.#toggled);
    document.removeEventListener('pointerdown', this.#elsewhere, true);
  }

  /**
   * @param {HTMLElement} row  the message
   * @param {string} link      its address
   * @param {HTMLElement|null} opener  the element to place the menu beside
   * @param {boolean} [held]   whether a finger is on the row: the browser would take lifting it for a tap
   *   beside the menu, and close it
   */
  open(row, link, opener, held = false) {
    this.#row = row;
    this.#opener = held ? null : opener ?? row; // a finger has no focus to return
    const { from = '', at = '', text = '' } = row.dataset;
    this.querySelector('bdi').textContent = from;
    this.querySelector('.message-menu-time').textContent = clock.format(new Date(at));
    this.querySelector('.message-menu-head p').textContent = plainText(text);
    for (const own of this.querySelectorAll('[data-own]')) own.hidden = !('mine' in row.dataset);
    this.querySelector('[data-action=reply-in-thread]').hidden = row.closest('thread-panel') !== null;
    for (const words of this.querySelectorAll('[data-pin]')) words.hidden = words.dataset.pin !== String('pinned' in row.dataset);
    for (const [what, copied] of [['message', text], ['place', link]]) this.querySelector(`[data-copy=${what}]`).dataset.text = copied;
    this.querySelector('.quick-reactions').replaceChildren(...recentEmoji().map(quick));
    if (this.matches(':popover-open')) this.hidePopover();
    this.popover = held ? 'manual' : 'auto';
    this.showPopover({ source: opener ?? row });
    this.querySelector('.menu-item:not([hidden])').focus({ preventScroll: true });
  }

  // What the browser does itself, except for a manual popover.
  #elsewhere = ({ target }) => {
    if (this.popover === 'manual' && this.matches(':popover-open') && !this.contains(target)) this.hidePopover();
  };

  // The browser returns the focus to what had it; a row that was tapped had none. The text goes: it
  // may be deleted next.
  #toggled = ({ newState }) => {
    if (newState !== 'closed') return;
    const { activeElement } = document;
    if (activeElement === document.body || this.contains(activeElement)) this.#opener?.focus({ preventScroll: true });
    this.querySelector('.message-menu-head p').textContent = '';
    delete this.querySelector('[data-copy=message]').dataset.text;
  };

  #clicked = ({ target }) => {
    const emoji = target.closest('[data-emoji]')?.dataset.emoji;
    const action = target.closest('[data-action]')?.dataset.action;
    if (!emoji && !action) return; // copying confirms in place
    const { id } = this.#row.dataset;
    this.hidePopover();
    const from = this.#row.isConnected ? this.#row : this; // the list or the thread that it is in handles some
    from.dispatchEvent(new CustomEvent(emoji ? 'react' : action, { bubbles: true, detail: emoji ? { id, emoji } : id }));
  };

  #pressed = (event) => {
    if (event.key === 'Tab' || event.key === 'Escape') this.hidePopover();
    else moveFocus(event, [...this.querySelectorAll('[role=menuitem]')].filter((item) => item.checkVisibility()));
  };
}

function quick(emoji) {
  const button = document.createElement('button');
  Object.assign(button, { type: 'button', className: 'quick-reaction', translate: false, textContent: emoji });
  button.dataset.emoji = emoji;
  return button;
}
