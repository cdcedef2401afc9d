/**
 * What this browser remembers. Some browsers have no storage or forbid it (private windows,
 * full disks); then it is remembered for as long as the page is open, and nothing breaks.
 */

import { OURS } from './base.js';

/** @type {Map<string, string>} what the browser would not take; it wins over what it has from before */
const unkept = new Map();

/**
 * @param {string} key
 * @returns {string} '' if nothing is known
 */
export function recall(key) {
  const value = unkept.get(key);
  if (value !== undefined) return value;
  try {
    return localStorage.getItem(OURS + key) ?? '';
  } catch {
    return '';
  }
}

/**
 * @param {string} key
 * @param {string|number} value  an empty one is forgotten
 * @returns {boolean} false if it is remembered by this page only
 */
export function remember(key, value) {
  try {
    if (value === '') localStorage.removeItem(OURS + key);
    else localStorage.setItem(OURS + key, String(value));
    unkept.delete(key);
    return true;
  } catch {
    unkept.set(key, String(value));
    return false;
  }
}

const HERE = `${OURS}here`;

/** @type {string|null} the same for a tab without storage */
let here = null;

/**
 * Who is in the chat in this tab, for when it is loaded again.
 *
 * @returns {{name: string, age: string|number, id?: string}|null|undefined} null: whoever was here has left; undefined: nobody ever was
 */
export function whoIsHere() {
  try {
    const kept = here ?? sessionStorage.getItem(HERE);
    return kept === null ? undefined : JSON.parse(kept);
  } catch {
    return undefined;
  }
}

/** @param {{name: string, age: string|number, id?: string}|null} who  null: nobody any more */
export function isHere(who) {
  const kept = JSON.stringify(who);
  try {
    sessionStorage.setItem(HERE, kept);
    here = null;
  } catch {
    here = kept;
  }
}

/**
 * @param {string} prefix
 * @returns {string[]} the keys that begin with it and hold something
 */
export function keys(prefix) {
  const all = [...unkept.keys()].filter((key) => key.startsWith(prefix) && unkept.get(key) !== '');
  try {
    const kept = Object.keys(localStorage).filter((key) => key.startsWith(OURS + prefix)).map((key) => key.slice(OURS.length));
    return [...new Set([...all, ...kept.filter((key) => unkept.get(key) !== '')])];
  } catch {
    return all;
  }
}
