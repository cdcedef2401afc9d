/**
 * The settings of this browser, and the cookie with those that the server needs for the first
 * paint: a page that is drawn light and then turns dark hurts the eyes.
 *
 * Events: `change`, detail the key.
 */

import { BASE, cookies } from './base.js';
import { recall, remember, whoIsHere } from './storage.js';

const KEY = 'settings';

/** The settings with their defaults. handlers/pages/preferences.go reads those of the first paint. */
const DEFAULTS = {
  theme: 'system', // or light, dark
  density: 'cosy', // or compact
  language: '', // a language of the catalogue; '' for the browser's
  notes: 'shown', // join and leave notices; or hidden
  notifications: 'off', // or on: for mentions
  sound: 'off', // or on
  shortcuts: 'on', // or off
};

/** The cookie for the next first paint. It lasts a year, longer than people stay away. */
const COOKIES = cookies('chat_page');
const YEAR = 365 * 24 * 3600;

export class Settings extends EventTarget {
  #chosen = read();

  /** @param {keyof typeof DEFAULTS} key  @returns {string} */
  get(key) {
    return this.#chosen[key] ?? DEFAULTS[key];
  }

  /**
   * @param {keyof typeof DEFAULTS} key
   * @param {string} value
   * @returns {boolean} false if the browser could not store it, and the setting is unchanged
   */
  set(key, value) {
    const chosen = { ...this.#chosen, [key]: value };
    if (!remember(KEY, JSON.stringify(chosen))) {
      remember(KEY, JSON.stringify(this.#chosen));
      return false;
    }
    this.#chosen = chosen;
    this.writeCookie();
    this.dispatchEvent(new CustomEvent('change', { detail: key }));
    return true;
  }

  /** Applies a change by another tab. */
  changedElsewhere() {
    this.#chosen = read();
    for (const key of Object.keys(DEFAULTS)) this.dispatchEvent(new CustomEvent('change', { detail: key }));
  }

  /** Writes the cookie for the next first paint: the appearance, the time zone, and who is signed in. */
  writeCookie() {
    const { name = '', age = '' } = whoIsHere() ?? {};
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? '';
    const word = { theme: this.get('theme'), density: this.get('density'), language: this.get('language'), zone, name, age };
    const query = new URLSearchParams(Object.entries(word).filter(([, value]) => value !== '').map(([key, value]) => [key, String(value)]));
    try {
      const [written, older] = COOKIES;
      document.cookie = `${written}=${query}; path=${BASE}; max-age=${YEAR}; samesite=lax${older ? '; secure' : ''}`;
    } catch {
      // The browser forbids cookies, so the next first paint has the defaults.
    }
  }

  /** @returns {{name: string, age: string}|null} who is signed in according to the cookie, which any tab may have written; null: nobody */
  readCookie() {
    try {
      const has = Object.fromEntries(document.cookie.split('; ').map((pair) => [pair.split('=', 1)[0], pair]));
      const pair = COOKIES.map((name) => has[name]).find(Boolean) ?? '';
      const word = new URLSearchParams(pair.slice(pair.indexOf('=') + 1));
      return word.get('name') ? { name: word.get('name'), age: word.get('age') ?? '' } : null;
    } catch {
      return null;
    }
  }
}

/** The settings of this browser. */
export const settings = new Settings();

function read() {
  try {
    return JSON.parse(recall(KEY)) ?? {};
  } catch {
    return {};
  }
}
