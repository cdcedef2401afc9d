/**
 * How dates, times, numbers and lists are written: by the page's language, in the variant that
 * the browser prefers, so that a reader in Britain has 24 hours and one in America has AM and PM.
 */

const page = document.documentElement.lang || 'en';

/** BCP 47 */
export const language = navigator.languages.find((tag) => tag === page || tag.startsWith(`${page}-`)) ?? page;

export const number = new Intl.NumberFormat(language);
export const clock = new Intl.DateTimeFormat(language, { timeStyle: 'short' });
export const fullDate = new Intl.DateTimeFormat(language, { dateStyle: 'full' });
export const fullTime = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'short' });
export const dayOfYear = new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long' });

/** @param {string[]} names  @returns {string} such as "Ann, Bob and Cid" */
export const listed = (names) => new Intl.ListFormat(language).format(names);
