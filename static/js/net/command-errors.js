/**
 * Classifies the error codes of chat.v1 for the sender of the command.
 */

import { say } from '../lib/words.js';

/** Errors after which the same draft would fail again. */
const FINAL = new Set(['id_conflict', 'too_long', 'empty', 'invalid', 'bad_command', 'forbidden', 'gone', 'not_found']);

/** Temporary errors, after which the room is requested again. */
const PASSING = new Set(['not_stored', 'busy', 'internal']);

/** Details of temporary errors for which a shorter draft need not wait. */
const TO_EDIT = new Set(['short_only']);

/** @param {string} code  @returns {boolean} whether the same draft would fail again */
export const isFinal = (code) => FINAL.has(code);

/**
 * @param {string} code
 * @param {string} [detail]
 * @returns {boolean} whether an edited text may replace the draft, because it was certainly not stored
 */
export const isEditable = (code, detail = '') => FINAL.has(code) || TO_EDIT.has(detail);

/** @param {string} code  @returns {boolean} whether a retry may succeed */
export const isPassing = (code) => PASSING.has(code);

/**
 * @param {string} code
 * @param {string} message  the server's text
 * @param {string} [detail]  the cause, if the code has several
 * @returns {string} a sentence in the page's language; the server's text if there is none
 */
export function sentenceOf(code, message, detail = '') {
  for (const cause of [detail, code]) {
    const known = say('error.' + cause);
    if (known !== 'error.' + cause) return known;
  }
  return say(message);
}
