/**
 * Waits for a server that does not answer, for the pages that have no connection: it is asked
 * again and again, more and more rarely, and at once when there is a reason to.
 */

import { Backoff } from './backoff.js';

/** The server's own answers have this header: a proxy or a captive portal in its place has not. */
const MARK = 'Chatserver-Build';

/** In ms; a server that needs longer cannot hold a chat either. */
const WAIT = 10_000;

/** In ms; a page that is loaded again each time it may must not do so without a pause. */
const LEAST = 1_000;

/** All browsers come back when a server does: spread over so long, in ms. */
const SPREAD = 8_000;

/** @returns {Promise<boolean>} whether the server would answer if this page were loaded again */
export async function serverAnswers() {
  try {
    const { ok, headers } = await fetch(location.pathname, {
      method: 'HEAD', cache: 'no-store', redirect: 'manual', headers: { Accept: 'text/html' },
      signal: /** @type {any} */ (AbortSignal).timeout(WAIT),
    });
    return ok && headers.has(MARK);
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
   * @param {() => void} back  called when it answers
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

  /** It did not answer. */
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
