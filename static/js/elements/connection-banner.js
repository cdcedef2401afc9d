/**
 * <connection-banner>: says that the connection is lost, why, and when the next attempt is. It
 * waits before it appears, so that a short interruption goes unnoticed. If something else answers
 * in the server's place, such as a proxy whose login has expired, it links to that.
 *
 * Events: `reconnect` (bubbles), when the reader does not want to wait.
 */

import { bypassURL } from '../lib/bypass-worker.js';
import { say } from '../lib/words.js';

/** The longest interruption, in ms, that is not shown. */
const BLIP = 2_000;

/** The interval at which the countdown is updated, in ms. */
const TICK = 1_000;

export class ConnectionBanner extends HTMLElement {
  #button = null;
  #login = null;
  #timer = 0;
  #ask = () => this.dispatchEvent(new CustomEvent('reconnect', { bubbles: true }));

  connectedCallback() {
    this.#button = this.querySelector('button');
    this.#login = this.querySelector('a');
    this.#button.addEventListener('click', this.#ask);
  }

  disconnectedCallback() {
    this.#button.removeEventListener('click', this.#ask);
    clearTimeout(this.#timer);
  }

  /** @param {Pick<import('../net/connection.js').Connection, 'state'|'why'|'lostFor'|'retryIn'|'reached'|'another'>} connection */
  show(connection) {
    clearTimeout(this.#timer);
    this.#login.hidden = !connection.another;
    this.#login.href = bypassURL();
    if (connection.state === 'connected') this.hidden = true;
    else if (connection.state === 'disconnected') this.#stopped(connection);
    else this.#lost(connection);
  }

  #lost(connection) {
    const quiet = BLIP - connection.lostFor;
    if (this.hidden && quiet > 0) {
      this.#timer = setTimeout(() => this.show(connection), quiet);
      return;
    }
    const trying = connection.state === 'connecting';
    const seconds = Math.max(1, Math.ceil(connection.retryIn / 1_000));
    const next = trying ? say('banner.trying') : say('banner.tryingIn', { n: seconds });
    const title = navigator.onLine ? lost(connection) : say('banner.offline');
    this.#say(title, sentences(connection.why, say('banner.waits'), next), { button: say('banner.tryNow'), busy: trying });
    if (!trying) this.#timer = setTimeout(() => this.show(connection), TICK);
  }

  #stopped({ why }) {
    const button = say('banner.connectAgain');
    if (why) this.#say(say('banner.closed'), sentences(why, say('banner.waits')), { button });
    else this.#say(say('banner.left'), say('banner.waits'), { button, calm: true });
  }

  #say(title, why, { button, busy = false, calm = false }) {
    // Screen readers are interrupted only by trouble, and once: the status announces a
    // disconnect by the reader, and the countdown is not announced.
    const heading = this.querySelector('.banner-title');
    if (calm) heading.removeAttribute('role');
    else heading.setAttribute('role', 'alert');
    this.toggleAttribute('data-calm', calm);
    this.hidden = false;
    if (heading.textContent !== title) heading.textContent = title;
    this.querySelector('.banner-why').textContent = why;
    this.#button.textContent = button;
    this.#button.disabled = busy;
  }
}

// Returns the heading. A page that was loaded while the server was down never had a connection to lose.
function lost({ reached }) {
  return reached ? say('banner.closed') : say('banner.unreached');
}

function sentences(...all) {
  return all.filter(Boolean).join(' ');
}
