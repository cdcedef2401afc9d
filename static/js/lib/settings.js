/**
 * What somebody chose for this browser, and what the server must know to draw the first paint
 * as they want it: a page that is drawn in the light and then turns dark hurts the eyes.
 *
 * Events: `change`, detail the key.
 */

import { BASE, cookies } from './base.js';
import { recall, remember, whoIsHere } from './storage.js';

const KEY = 'settings';

/** Each setting and what it is before anybody chose. handlers/preferences.go knows those of the first paint. */
const DEFAULTS = {
  theme: 'system', // or light, dark
  density: 'cosy', // or compact
  language: '', // of the catalogue; '' as the browser asks
  notes: 'shown', // who joined and left; or hidden
  notifications: 'off', // or on: for mentions
  sound: 'off', // or on
  shortcuts: 'on', // or off
};

/** The cookie is for the next first paint, and a year is longer than anybody stays away. */
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
   * @returns {boolean} false if this browser could not keep it: then nothing has changed
   */
  set(key, value) {
    const chosen = { ...this.#chosen, [key]: value };
    if (!remember(KEY, JSON.stringify(chosen))) {
      remember(KEY, JSON.stringify(this.#chosen));
      return false;
    }
    this.#chosen = chosen;
    this.tellServer();
    this.dispatchEvent(new CustomEvent('change', { detail: key }));
    return true;
  }

  /** Another tab chose something. */
  changedElsewhere() {
    this.#chosen = read();
    for (const key of Object.keys(DEFAULTS)) this.dispatchEvent(new CustomEvent('change', { detail: key }));
  }

  /** Leaves word for the next first paint: how it shall look, in which zone, and who is here. */
  tellServer() {
    const { name = '', age = '' } = whoIsHere() ?? {};
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? '';
    const word = { theme: this.get('theme'), density: this.get('density'), language: this.get('language'), zone, name, age };
    const query = new URLSearchParams(Object.entries(word).filter(([, value]) => value !== '').map(([key, value]) => [key, String(value)]));
    try {
      const [written, older] = COOKIES;
      document.cookie = `${written}=${query}; path=${BASE}; max-age=${YEAR}; samesite=lax${older ? '; secure' : ''}`;
    } catch {
      // A browser that forbids cookies: the next first paint is the usual one.
    }
  }

  /** @returns {{name: string, age: string}|null} who is here, as the server was last told by whatever tab; null: nobody */
  toldServer() {
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

/** Those of this page. */
export const settings = new Settings();

function read() {
  try {
    return JSON.parse(recall(KEY)) ?? {};
  } catch {
    return {};
  }
}
