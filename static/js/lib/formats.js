/**
 * Formats dates, times, numbers, and lists in the page's language, in the variant that the browser
 * prefers: a reader in Britain gets the 24-hour clock, one in America AM and PM.
 */

const page = document.documentElement.lang || 'en';

/** The language of formats, a BCP 47 tag. */
export const language = navigator.languages.find((tag) => tag === page || tag.startsWith(`${page}-`)) ?? page;

const rightToLeft = document.documentElement.dir === 'rtl';
// From Hebrew to the end of Arabic, and the presentation forms of both.
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * @param {string} value
 * @returns {string} the value in isolates (FSI and PDI of UAX #9) if its direction could move the
 *   words around it; the server does the same (locales/locales.go)
 */
export const isolated = (value) => (!NAME.test(value) && (rightToLeft || RIGHT_TO_LEFT.test(value)) ? named(value) : value);

/**
 * @param {string} value  a name, an address, or code
 * @returns {string} the value in isolates, by which sentence.js recognises it
 */
export const named = (value) => `\u2068${value}\u2069`;

const NAME = /^\u2068[^\u2068\u2069]*\u2069$/;

export const number = new Intl.NumberFormat(language);
export const clock = new Intl.DateTimeFormat(language, { timeStyle: 'short' });
export const fullDate = new Intl.DateTimeFormat(language, { dateStyle: 'full' });
export const fullTime = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'short' });
export const shortDay = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' });
export const dayOfYear = new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long' });

/** @param {string[]} names  @returns {string} such as "Ann, Bob and Cid" */
export const listed = (names) => new Intl.ListFormat(language).format(names.map(named));

const row = new Intl.ListFormat(language, { type: 'unit' });

/** @param {string[]} sentences  @returns {string} such as "Ann left, Bob joined" */
export const inARow = (sentences) => row.format(sentences.map(isolated));

const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });

/**
 * @param {Date} at
 * @param {number} days  the number of days ago, by the reader's calendar
 * @param {Date} now
 * @returns {string} such as "Yesterday" or "Monday, May 4"
 */
export function dayName(at, days, now) {
  if (days === 0 || days === 1) return capital(relative.format(-days, 'day'));
  return (at.getFullYear() === now.getFullYear() ? dayOfYear : fullDate).format(at);
}

// Capitalizes the first letter; languages without capitals are unchanged.
function capital(words) {
  const [first] = words;
  return first.toLocaleUpperCase(language) + words.slice(first.length);
}
