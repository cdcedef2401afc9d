/**
 * The browser's storage. Some browsers have none or forbid it (private windows, full disks); then
 * values last as long as the page, and nothing breaks.
 */

import { OURS } from './base.js';

/** @type {Map<string, string>} values that could not be stored; they take precedence over stored ones */
const unkept = new Map();

/**
 * @param {string} key
 * @returns {string} '' if there is no value
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
 * @param {string|number} value  an empty one removes the key
 * @returns {boolean} false if the value lasts only as long as this page
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

/** @type {string|null} the signed-in person, in a tab without storage */
let here = null;

/**
 * Returns who is signed in, in this tab, to restore the session after a reload.
 *
 * @returns {{name: string, age: string|number, id?: string}|null|undefined} null: the person has signed out; undefined: nobody has signed in yet
 */
export function whoIsHere() {
  try {
    const kept = here ?? sessionStorage.getItem(HERE);
    return kept === null ? undefined : JSON.parse(kept);
  } catch {
    return undefined;
  }
}

/** @param {{name: string, age: string|number, id?: string}|null} who  null: signed out */
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
 * @returns {string[]} the keys with this prefix that have a value
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
