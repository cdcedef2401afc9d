/**
 * Deleted messages: what the list shows in their place. A tombstone keeps the place, author, and
 * time of a message, and who deleted it and why. Pure.
 *
 * @typedef {import('./room-record.js').Message} Message
 */

import { clock, named } from '../lib/formats.js';
import { say } from '../lib/words.js';

/** @param {{deleted?: object}} message  @returns {boolean} whether it was deleted */
export const isTombstone = ({ deleted }) => deleted !== undefined;

/**
 * @param {Message} one
 * @param {Message} other
 * @returns {boolean} whether two neighbouring tombstones share a row: they have the same author, and
 *   the same person deleted them
 */
export function areAlike(one, other) {
  return one.from === other.from && one.author === other.author && one.deleted.by.id === other.deleted.by.id &&
    Boolean(one.deleted.moved) === Boolean(other.deleted.moved);
}

/**
 * @param {Message[]} messages  the tombstones of a row
 * @returns {{text: string, whole: string[]}} its line, and the sentence of each message
 */
export function sentencesOfGone(messages) {
  const [{ deleted: { by, moved } }] = messages;
  return {
    text: moved ? say('gone.moved', { n: messages.length }) : say('gone.line', { n: messages.length, name: named(by.name) }),
    whole: messages.map(sentenceOf),
  };
}

/** @param {Message} message */
function sentenceOf({ from, at, deleted: { at: when, reason = '', moved } }) {
  const values = { name: named(from), time: clock.format(new Date(at)), when: clock.format(new Date(when)) };
  if (moved) return say('gone.movedOne', values);
  return reason ? say('gone.why', { ...values, reason }) : say('gone.one', values);
}
