/**
 * Draws what a message can have besides its text: who pinned it, a quote, the mark of an edit, the
 * editor, the line of one that is about to be deleted, reactions, and its thread. Each part is in the row only while the message has it.
 */

import { fullTime, named } from '../lib/formats.js';
import { drawReactions } from './reactions-line.js';
import { drawThread } from './thread-line.js';
import { write } from '../lib/sentence.js';
import { plainText } from '../model/plain-text.js';
import { say } from '../lib/words.js';

/** The parts of a row's body, from top to bottom. Those that are not in each row have a template of this name. */
const PARTS = ['pinned', 'quote', 'head', 'text', 'edited', 'editor', 'leaving', 'reactions', 'thread', 'failure'];

/**
 * @param {HTMLElement} element  the row
 * @param {import('../model/timeline.js').Row} row
 */
export function drawStates(element, { key, text, edited_at: edited, versions = 0, pinned, reply_to: quote, editing, leaving, reactions = [], thread, replies, user, changing = false, leads = false }) {
  element.toggleAttribute('data-changing', changing);
  element.toggleAttribute('data-editing', Boolean(editing));
  element.toggleAttribute('data-leaving', Boolean(leaving));
  drawEdited(element, edited, versions);
  drawPin(element, pinned);
  drawQuote(element, leaving ? undefined : quote);
  const editor = partOf(element, 'editor', Boolean(editing));
  if (editor) editor.show({ id: key, text: editing.text, why: editing.why, theirs: theirsOf(editing, text), leads });
  const line = partOf(element, 'leaving', Boolean(leaving));
  if (line) line.querySelector('button').hidden = leaving.state !== 'held';
  const emoji = partOf(element, 'reactions', reactions.length > 0 && !leaving);
  if (emoji) drawReactions(emoji, reactions, user);
  element.toggleAttribute('data-thread-open', replies?.open ?? false);
  const below = partOf(element, 'thread', replies !== undefined && !leaving);
  if (below) drawThread(below, thread, replies);
}

/**
 * Returns a part of a row, from its template if it is not there yet.
 *
 * @param {HTMLElement} element  the row
 * @param {string} name          of PARTS
 * @param {boolean} wanted       false removes the part
 * @returns {any} the part; null if it is not wanted
 */
export function partOf(element, name, wanted) {
  const body = element.querySelector('.message-body');
  const had = body.querySelector(`:scope > [data-part=${name}]`);
  if (!wanted) had?.remove();
  if (!wanted || had) return wanted ? had : null;
  // Imported rather than cloned: a custom element in it must be one before it is in the document.
  const part = /** @type {HTMLElement} */ (document.importNode(document.getElementById(`${name}-row`).content.firstElementChild, true));
  part.dataset.part = name;
  const later = PARTS.slice(PARTS.indexOf(name) + 1);
  body.insertBefore(part, [...body.children].find(({ dataset }) => later.includes(dataset.part)) ?? null);
  return part;
}

function drawPin(element, pinned) {
  const line = partOf(element, 'pinned', Boolean(pinned));
  if (line) write(line.querySelector('[data-text]'), say('pinned.by', { name: named(pinned.by.name) }));
}

function drawQuote(element, quote) {
  const line = partOf(element, 'quote', Boolean(quote));
  if (!line) return;
  const [from, text] = line.children;
  line.dataset.seq = String(quote.seq);
  line.disabled = quote.text === undefined;
  from.textContent = quote.from ?? '';
  text.textContent = quote.text === undefined ? say('quote.gone') : plainText(quote.text);
}

// Earlier texts that were all removed leave only the mark.
function drawEdited(element, edited, versions) {
  const mark = element.querySelector('.message-edited');
  element.toggleAttribute('data-edited', Boolean(edited));
  mark.hidden = !edited;
  mark.disabled = versions === 0;
  mark.title = edited ? fullTime.format(new Date(edited)) : '';
}

/**
 * @param {import('../model/changes.js').Change} edit
 * @param {string} text  of the message as it is now
 * @returns {string} that text if somebody has changed it since the edit began
 */
function theirsOf({ saw, text: mine }, text) {
  return saw !== text && mine !== text ? text : '';
}
