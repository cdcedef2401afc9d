/**
 * What this browser remembers. Some browsers have no storage or forbid it (private windows,
 * full disks); then nothing is remembered, and nothing breaks.
 */

import { OURS } from './base.js';

/**
 * @param {string} key
 * @returns {string} '' if nothing is known
 */
export function recall(key) {
  try {
    return localStorage.getItem(OURS + key) ?? '';
  } catch {
    return '';
  }
}

/**
 * @param {string} key
 * @param {string|number} value  an empty one is forgotten
 * @returns {boolean} false if this browser keeps nothing: most of the page works without
 */
export function remember(key, value) {
  try {
    if (value === '') localStorage.removeItem(OURS + key);
    else localStorage.setItem(OURS + key, String(value));
    return true;
  } catch {
    return false;
  }
}

const HERE = `${OURS}here`;

/**
 * Who is in the chat in this tab, for when it is loaded again.
 *
 * @returns {{name: string, age: string|number}|null|undefined} null: whoever was here has left; undefined: nobody ever was
 */
export function whoIsHere() {
  try {
    const kept = sessionStorage.getItem(HERE);
    return kept === null ? undefined : JSON.parse(kept);
  } catch {
    return undefined;
  }
}

/** @param {{name: string, age: string|number}|null} who  null: nobody any more */
export function isHere(who) {
  try {
    sessionStorage.setItem(HERE, JSON.stringify(who));
  } catch {
    // As above.
  }
}

/**
 * @param {string} prefix
 * @returns {string[]} the keys that begin with it and hold something
 */
export function keys(prefix) {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(OURS + prefix))
      .map((key) => key.slice(OURS.length));
  } catch {
    return [];
  }
}
