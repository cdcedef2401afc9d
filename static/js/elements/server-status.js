/**
 * <server-status>: on the first screen, whether the server answers. The server writes that it
 * does; a page that was kept, or a form that got no answer, knows better.
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

  /** The server did not answer: it says so until the server does. */
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
