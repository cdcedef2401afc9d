/**
 * Makes the rows of the list from the templates of the page. What people said goes in as text
 * and never as markup, so nothing they write can become part of the page.
 *
 * @typedef {import('./lines.js').Line & {live: boolean, own: boolean}} Heard
 */

import { paintAvatar } from './avatar.js';

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });

/**
 * @param {Heard} heard
 * @param {boolean} further  whether it goes on after a message of the same author
 * @param {Date|null} at     null if nobody knows: the history does not say
 * @returns {HTMLElement}
 */
export function messageRow(heard, further, at) {
  const row = stamp('message');
  row.dataset.line = heard.line;
  row.toggleAttribute('data-further', further);
  paintAvatar(row.querySelector('.avatar'), heard.name);
  row.querySelector('.message-author').textContent = heard.name;
  row.querySelector('.message-text').textContent = heard.text;
  const time = row.querySelector('time');
  if (at) {
    time.dateTime = at.toISOString();
    time.title = full.format(at);
    time.textContent = further ? shortTime(at) : clock.format(at);
  } else {
    time.remove();
  }
  return row;
}

/**
 * Somebody came or went, or the server said something that this page does not know.
 *
 * @param {Heard} heard
 * @returns {HTMLElement}
 */
export function eventRow(heard) {
  const row = stamp('event-line');
  row.dataset.line = heard.line;
  const [who, what] = row.children;
  who.textContent = heard.own ? 'You' : heard.name;
  what.textContent = heard.kind === 'other' ? heard.line : `${heard.age && `(${heard.age}) `}${heard.kind}`;
  return row;
}

// In the avatar's column there is no room for AM and PM; the first row of the group has them.
function shortTime(at) {
  const parts = clock.formatToParts(at).filter(({ type }) => type !== 'dayPeriod');
  return parts.map(({ value }) => value).join('').trim();
}

function stamp(template) {
  return document.getElementById(template).content.firstElementChild.cloneNode(true);
}
