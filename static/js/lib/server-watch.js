/**
 * Waits for an unreachable server, on pages without a connection: polls it with increasing delays,
 * and at once when there is a reason to.
 */

import { Backoff } from './backoff.js';

/**
 * A header of the server's own answers; a proxy or captive portal in its place does not send it.
 *
 * @param {Response} response
 */
export const isOwn = ({ headers }) => headers.has('Chatserver-Build');

/** The timeout in ms; a server that needs longer cannot serve a chat either. */
const WAIT = 10_000;

/** The minimum interval of reloads, in ms. */
const LEAST = 1_000;

/** How long, in ms, the return of all clients is spread over when the server is back. */
const SPREAD = 8_000;

/** @returns {Promise<boolean>} whether the server would answer a reload of this page */
export async function serverAnswers() {
  try {
    const response = await fetch(location.pathname, {
      method: 'HEAD', cache: 'no-store', redirect: 'manual', headers: { Accept: 'text/html' },
      signal: /** @type {any} */ (AbortSignal).timeout(WAIT),
    });
    return response.ok && isOwn(response);
  } catch {
    return false;
  }
}

export class ServerWatch {
  #back;
  #ask;
  #backoff = new Backoff();
  #timer = 0;
  #waiting = false;

  /**
   * @param {() => void} back  called when the server answers
   * @param {AbortSignal} signal  ends it
   * @param {() => Promise<boolean>} [ask]
   */
  constructor(back, signal, ask = serverAnswers) {
    this.#back = back;
    this.#ask = ask;
    window.addEventListener('online', () => this.#now(), { signal });
    document.addEventListener('visibilitychange', () => document.hidden || this.#now(), { signal });
    signal.addEventListener('abort', () => this.#stop());
  }

  /** Starts polling after a request has failed. */
  start() {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#later();
  }

  #stop() {
    this.#waiting = false;
    clearTimeout(this.#timer);
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#now(), Math.max(LEAST, this.#backoff.next(SPREAD)));
  }

  async #now() {
    clearTimeout(this.#timer);
    if (!this.#waiting) return;
    const answers = await this.#ask();
    if (!this.#waiting) return;
    if (!answers) {
      this.#later();
      return;
    }
    this.#stop();
    this.#backoff.reset();
    this.#back();
  }
}
