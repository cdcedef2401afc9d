/**
 * Asks the server's /check whether a person may join, before a connection is opened: a refused
 * WebSocket handshake does not give a page the reason.
 *
 * @typedef {{name?: string, age?: string, room?: string, form?: string}} Errors  sentences for people
 * @typedef {{name: string, age: string|number, errors: Errors, suggestion: string, another?: boolean}} Answer  suggestion: a free name
 *   if theirs is taken. another: something other than the server answered, and may require a login
 */

import { at } from '../lib/base.js';
import { isOwn } from '../lib/server-watch.js';
import { say } from '../lib/words.js';

/** The error to show when the server cannot be reached. */
export const NO_ANSWER = say('join.noAnswer');

/** The same error, for a connection that is being retried. */
export const UNREACHED = say('join.unreached');

/** The timeout in ms; a server that needs longer for this cannot serve a chat either. */
const WAIT = 10_000;

/** The status codes with which a proxy or network asks for a login of its own (RFC 9110 §15.5, RFC 6585 §6). */
const LOGIN = new Set([401, 403, 407, 511]);

/**
 * @param {{name: string, age: string|number, room: string}} who
 * @returns {Promise<Answer|null>} null if there is no answer. An answer by something else, such as
 *   a captive portal or a proxy, is not a refusal: then the error is for the whole form
 */
export async function check({ name, age, room }) {
  try {
    const response = await fetch(`${at('/check')}?${new URLSearchParams({ name, age: String(age ?? ''), room })}`, {
      headers: { Accept: 'application/json' },
      cache: 'no-store',
      redirect: 'manual', // the server never redirects this request
      signal: /** @type {any} */ (AbortSignal).timeout(WAIT),
    });
    if (!response.ok && isOwn(response)) return await refusalOf(response);
    if (response.type === 'opaqueredirect' || LOGIN.has(response.status)) return another();
    if (!response.ok) return null;
    return answerOf(await response.text()) ?? another();
  } catch {
    return null;
  }
}

/**
 * The server refuses the request itself, for example because of too many from this address. Its
 * answer is one sentence.
 *
 * @returns {Promise<Answer|null>} null if the fault is the server's
 */
async function refusalOf(response) {
  if (response.status >= 500) return null;
  return { name: '', age: '', errors: { form: (await response.text()).trim() }, suggestion: '' };
}

function another() {
  return { name: '', age: '', errors: { form: say('join.another') }, suggestion: '', another: true };
}

/** @returns {Answer|null} null if it is not our server's answer */
function answerOf(text) {
  try {
    const { name, age, errors, suggestion } = JSON.parse(text);
    if (typeof name !== 'string' || typeof errors !== 'object' || !Object.values(errors).every((error) => typeof error === 'string')) return null;
    return { name, age: age || '', errors, suggestion: suggestion ?? '' };
  } catch {
    return null;
  }
}
