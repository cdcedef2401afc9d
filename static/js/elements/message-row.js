/**
 * Draws rows from the page's templates, or takes over those of the server-side render. People's
 * text is inserted as text; markup only through markup.js.
 */

import { paintAvatar } from './avatar.js';
import { clock, fullTime } from '../lib/formats.js';
import { knownNames } from '../model/known-names.js';
import { drawStates, partOf } from './message-states.js';
import { fillText } from './message-text.js';
import { write } from '../lib/sentence.js';

/**
 * @param {import('../model/timeline.js').Row} row
 * @returns {string} a key that changes when the row must be drawn again
 */
export function looks({ kind, text, ...row }) {
  return kind === 'message' ? JSON.stringify([text, row, knownNames.longerThan(row.me)]) : JSON.stringify(text);
}

/**
 * @param {import('../model/timeline.js').Row} row
 * @param {HTMLElement|null} element  the row as drawn before
 * @returns {HTMLElement}
 */
export function draw(row, element) {
  const drawn = element ?? stamp(row.kind);
  if (row.kind === 'message') drawMessage(row, drawn);
  else (drawn.querySelector('[data-text]') ?? drawn).textContent = row.text;
  return drawn;
}

function drawMessage(row, element) {
  const { key, from, author = '', at, further, state, why, final, editable } = row;
  fillText(element, row); // first, because it compares with the data of the last drawing
  describe(row, element);
  element.toggleAttribute('data-further', further);
  paintAvatar(element.querySelector('.avatar'), from, author);
  const person = element.querySelector('.message-author');
  person.firstElementChild.textContent = from;
  const time = element.querySelector('time');
  time.dateTime = at.toISOString();
  time.title = fullTime.format(at);
  time.textContent = clock.format(at);
  element.dataset.key = key;
  delete element.dataset.lit; // of the server-side render of a permalink
  drawStates(element, row);
  drawFailure(element, state === 'failed', { why, final, editable });
}

// Sets the data attributes that other modules read: see the markup, views/message.html.
function describe({ key, seq, rev, from, author, at, text, state, mine, pinned }, { dataset }) {
  const known = { id: key, seq, rev, from, author, at: at.toISOString(), text, state, mine: mine && 'yes', pinned: pinned && 'yes' };
  for (const [name, value] of Object.entries(known)) {
    if (value) dataset[name] = value;
    else delete dataset[name];
  }
}

function drawFailure(element, failed, { why, final, editable }) {
  const failure = partOf(element, 'failure', failed);
  if (!failure) return;
  write(failure.querySelector('[data-text]'), why);
  failure.querySelector('[data-action=retry]').hidden = final;
  failure.querySelector('[data-action=edit]').hidden = !editable; // otherwise it may have been stored after all
}

function stamp(template) {
  return document.getElementById(`${template}-row`).content.firstElementChild.cloneNode(true);
}
