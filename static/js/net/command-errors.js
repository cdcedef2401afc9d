/**
 * What the errors of chat.v1 mean to whoever sent the command.
 */

import { say } from '../lib/words.js';

/** The errors after which the same draft fails again. */
const FINAL = new Set(['id_conflict', 'too_long', 'empty', 'invalid', 'bad_command']);

/** The errors that pass: the room is asked for again. */
const PASSING = new Set(['not_stored', 'busy', 'internal']);

/** The details of errors that pass, and that a shorter draft does not have to wait for. */
const TO_EDIT = new Set(['short_only']);

/** @param {string} code  @returns {boolean} whether the same draft fails again */
export const isFinal = (code) => FINAL.has(code);

/**
 * @param {string} code
 * @param {string} [detail]
 * @returns {boolean} whether another text in its place may be sent: this one was certainly not stored
 */
export const isEditable = (code, detail = '') => FINAL.has(code) || TO_EDIT.has(detail);

/** @param {string} code  @returns {boolean} whether it may be otherwise in a moment */
export const isPassing = (code) => PASSING.has(code);

/**
 * @param {string} code
 * @param {string} message  in the server's words
 * @param {string} [detail]  which cause of the code it was
 * @returns {string} what it says in the page's language; the server's words if it is not known here
 */
export function sentenceOf(code, message, detail = '') {
  for (const cause of [detail, code]) {
    const known = say('error.' + cause);
    if (known !== 'error.' + cause) return known;
  }
  return say(message);
}
