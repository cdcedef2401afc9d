/**
 * The emoji with which this browser's user reacted last, to be offered first. Emoji are kept as they
 * were chosen, with their skin tone.
 */

import { recall, remember } from './storage.js';

const KEY = 'reactions';

/** What is offered until there are enough. */
const USUAL = ['👍', '❤️', '🎉', '👀', '✅'];

/** @returns {string[]} the latest first */
export function recentEmoji() {
  return [...new Set([...recall(KEY).split(' ').filter(Boolean), ...USUAL])].slice(0, USUAL.length);
}

/** @param {string} emoji  that was just used */
export function rememberEmoji(emoji) {
  remember(KEY, [...new Set([emoji, ...recentEmoji()])].slice(0, USUAL.length).join(' '));
}
