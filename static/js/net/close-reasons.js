/**
 * What each close code means: a sentence for people, and whether to reconnect. Pure. The codes are
 * those of RFC 6455; docs/protocol.md has them in a table.
 */

import { say } from '../lib/words.js';

/**
 * @param {number} code
 * @param {string} reason  the close frame's text, often empty
 * @returns {string} a sentence for people
 */
export function whyClosed(code, reason) {
  switch (code) {
    case 1001: return say('closed.goingAway');
    case 1002: case 1003: return say('closed.notUnderstood');
    case 1007: return say('closed.characters');
    case 1008: return reason ? sentence(say(reason)) : say('closed.refused');
    case 1009: return say('closed.tooBig');
    case 1011: return say('closed.wrong');
    case 1013: return say('closed.tooSlow');
    default: return say('closed.lost');
  }
}

/**
 * @param {number} code
 * @returns {boolean} whether to reconnect; false if the same would only happen again
 */
export function reconnects(code) {
  return ![1002, 1003, 1008].includes(code);
}

/**
 * @param {number} code
 * @returns {boolean} whether the server rejected the frame that the page sent last
 */
export function blamesFrame(code) {
  return code === 1007 || code === 1009;
}

/**
 * @param {number} code
 * @param {string} reason
 * @returns {boolean} whether the session of the account has ended
 */
export function signsOut(code, reason) {
  return code === 1008 && reason.startsWith('signed out');
}

function sentence(reason) {
  const text = reason[0].toLocaleUpperCase() + reason.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
