/**
 * <connection-banner>: says that the connection is gone, why, and offers to connect again.
 *
 * Events: `reconnect` (bubbles), when that is wished.
 */

import { NO_ANSWER } from './check.js';
import { whyClosed } from './close-reasons.js';

export class ConnectionBanner extends HTMLElement {
  #button = null;
  #ask = () => this.dispatchEvent(new CustomEvent('reconnect', { bubbles: true }));

  connectedCallback() {
    this.#button = this.querySelector('button');
    this.#button.addEventListener('click', this.#ask);
  }

  disconnectedCallback() {
    this.#button.removeEventListener('click', this.#ask);
  }

  /** @param {{code: number, reason: string, asked: boolean}} close */
  closed({ code, reason, asked }) {
    if (asked) this.#say('You are disconnected.', 'What you write waits here.', true);
    else this.#say('Server closed the connection', whyClosed(code, reason), false);
  }

  /** The server could not be reached when we wanted to come back. */
  unreachable() {
    const [what, advice] = NO_ANSWER.split(/(?<=\.) /);
    this.#say(what, advice, false);
  }

  /** @param {boolean} busy  while it is being tried */
  set busy(busy) {
    this.#button.disabled = busy;
  }

  #say(title, why, calm) {
    const text = this.querySelector('.banner-text');
    // What one did oneself the status says; only trouble may interrupt.
    if (calm) text.removeAttribute('role');
    else text.setAttribute('role', 'alert');
    this.toggleAttribute('data-calm', calm);
    this.hidden = false;
    this.querySelector('.banner-title').textContent = title;
    this.querySelector('.banner-why').textContent = why;
  }
}
