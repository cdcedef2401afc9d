/**
 * Asks the server whether somebody may come in, before a connection is tried: a WebSocket
 * that is refused does not tell a page why.
 *
 * @typedef {{name?: string, age?: string, room?: string, form?: string}} Errors  sentences for people
 * @typedef {{name: string, age: string|number, errors: Errors, suggestion: string, another?: boolean}} Answer  suggestion: a name that is
 *   free, if it is taken. another: something else answered in the server's place, and may want a login
 */

import { at } from '../lib/base.js';
import { say } from '../lib/words.js';

/** What people read when the server cannot be asked. */
export const NO_ANSWER = say('join.noAnswer');

/** The same, said by somebody who tries again. */
export const UNREACHED = say('join.unreached');

/** In ms; a server that needs longer for this cannot hold a chat either. */
const WAIT = 10_000;

/** With these a proxy or a network asks for a login of its own (RFC 9110 §15.5, RFC 6585 §6). */
const LOGIN = new Set([401, 403, 407, 511]);

/**
 * @param {{name: string, age: string|number, room: string}} who
 * @returns {Promise<Answer|null>} null if the server does not answer. Whatever else answers in its
 *   place (a captive portal, a proxy) refuses nobody: then the error is one of the form
 */
export async function check({ name, age, room }) {
  try {
    const response = await fetch(`${at('/check')}?${new URLSearchParams({ name, age: String(age ?? ''), room })}`, {
      headers: { Accept: 'application/json' },
      cache: 'no-store',
      redirect: 'manual', // the server redirects nobody here
      signal: /** @type {any} */ (AbortSignal).timeout(WAIT),
    });
    if (response.type === 'opaqueredirect' || LOGIN.has(response.status)) return another();
    if (!response.ok) return null;
    return answerOf(await response.text()) ?? another();
  } catch {
    return null;
  }
}

function another() {
  return { name: '', age: '', errors: { form: say('join.another') }, suggestion: '', another: true };
}

/** @returns {Answer|null} null if it is not one of our server's */
function answerOf(text) {
  try {
    const { name, age, errors, suggestion } = JSON.parse(text);
    if (typeof name !== 'string' || typeof errors !== 'object' || !Object.values(errors).every((error) => typeof error === 'string')) return null;
    return { name, age: age || '', errors, suggestion: suggestion ?? '' };
  } catch {
    return null;
  }
}
