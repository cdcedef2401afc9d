/**
 * Makes the rows of the list from the templates of the page. What people said goes in as text
 * and never as markup, so nothing they write can become part of the page.
 */

import { paintAvatar } from './avatar.js';

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });

/**
 * @param {import('./timeline.js').Row} row
 * @returns {string} another one if the row is to be drawn again
 */
export function looks({ kind, text, from, at, further, state, why }) {
  return JSON.stringify(kind === 'message' ? [text, from, +at, further, state, why] : text);
}

/**
 * @param {import('./timeline.js').Row} row
 * @param {HTMLElement|null} element  as it was drawn before
 * @returns {HTMLElement}
 */
export function draw(row, element) {
  const drawn = element ?? stamp(row.kind);
  if (row.kind === 'message') drawMessage(row, drawn);
  else (drawn.querySelector('[data-text]') ?? drawn).textContent = row.text;
  return drawn;
}

function drawMessage({ key, from, text, at, further, state, why, final }, element) {
  element.dataset.id = key;
  element.dataset.line = `${from}: ${text}`;
  element.toggleAttribute('data-further', further);
  if (state) element.dataset.state = state;
  else delete element.dataset.state;
  paintAvatar(element.querySelector('.avatar'), from);
  element.querySelector('.message-author').textContent = from;
  element.querySelector('.message-text').textContent = text;
  const time = element.querySelector('time');
  time.dateTime = at.toISOString();
  time.title = full.format(at);
  time.textContent = further ? shortTime(at) : clock.format(at);
  drawFailure(element, state === 'failed', why, final);
}

function drawFailure(element, failed, why, final) {
  let failure = element.querySelector('.failure');
  if (!failed) {
    failure?.remove();
    return;
  }
  if (!failure) element.querySelector('.message-body').append(failure = stamp('failure'));
  failure.querySelector('[data-text]').textContent = why;
  failure.querySelector('[data-action=retry]').hidden = final;
}

// In the avatar's column there is no room for AM and PM; the first row of the group has them.
function shortTime(at) {
  const parts = clock.formatToParts(at).filter(({ type }) => type !== 'dayPeriod');
  return parts.map(({ value }) => value).join('').trim();
}

function stamp(template) {
  return document.getElementById(`${template}-row`).content.firstElementChild.cloneNode(true);
}
