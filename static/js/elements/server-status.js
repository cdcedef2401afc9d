/**
 * <server-status>: on the initial screen, whether the server answers. The server renders it as
 * online; a kept page, or a form that got no answer, corrects that.
 */

import { named } from '../lib/formats.js';
import { write } from '../lib/sentence.js';
import { ServerWatch } from '../lib/server-watch.js';
import { say } from '../lib/words.js';

export class ServerStatus extends HTMLElement {
  #life = new AbortController();
  /** @type {ServerWatch|null} */
  #watch = null;

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.#watch = new ServerWatch(() => this.#show(true), signal);
    window.addEventListener('offline', () => this.lost(), { signal });
    if (document.documentElement.dataset.kept !== undefined || !navigator.onLine) this.lost();
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  /** Shows that the server does not answer, until it does. */
  lost() {
    this.#show(false);
    this.#watch.start();
  }

  #show(up) {
    const host = named(this.dataset.host ?? '');
    this.dataset.state = up ? 'connected' : 'reconnecting';
    write(this.firstElementChild, up ? say('join.up', { host }) : say('join.down', { host }));
  }
}
