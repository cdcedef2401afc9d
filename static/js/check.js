/**
 * Asks the server whether somebody may come in, before a connection is tried: a WebSocket
 * that is refused does not tell a page why.
 *
 * @typedef {{name?: string, age?: string, room?: string, form?: string}} Errors  sentences for people
 * @typedef {{name: string, age: string|number, errors: Errors, suggestion: string}} Answer  suggestion: a name that is free, if it is taken
 */

import { at } from './base.js';
import { say } from './words.js';

/** What people read when the server cannot be asked. */
export const NO_ANSWER = say('join.noAnswer');

/** The same, said by somebody who tries again. */
export const UNREACHED = say('join.unreached');

/** In ms; a server that needs longer for this cannot hold a chat either. */
const WAIT = 10_000;

/**
 * @param {{name: string, age: string|number, room: string}} who
 * @returns {Promise<Answer|null>} null if the server does not answer
 */
export async function check({ name, age, room }) {
  try {
    const response = await fetch(`${at('/check')}?${new URLSearchParams({ name, age: String(age ?? ''), room })}`, {
      headers: { Accept: 'application/json' },
      cache: 'no-store',
      signal: /** @type {any} */ (AbortSignal).timeout(WAIT),
    });
    if (!response.ok) return null;
    const answer = await response.json();
    return { name: answer.name, age: answer.age || '', errors: answer.errors ?? {}, suggestion: answer.suggestion ?? '' };
  } catch {
    return null;
  }
}
