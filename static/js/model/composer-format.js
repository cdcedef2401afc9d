/**
 * What becomes of a text when it is formatted: Markdown marks are put around it or taken away.
 * Pure: each function is told a text and what is selected in it, and answers what to change.
 *
 * @typedef {object} Edit
 * @property {number} from    from here…
 * @property {number} to      …to here
 * @property {string} text    …this stands instead
 * @property {[number, number]} select  and this is selected then
 */

import { isLink } from './links.js';

/** A line that opens a block of code, and one that closes it. */
const OPENS = /^ {0,3}```[^`]*$/;
const CLOSES = /^ {0,3}```\s*$/;

/**
 * Puts a mark on both sides of what is selected, or of the word that the cursor is in, or takes
 * it away if it is there.
 *
 * @param {string} text
 * @param {number} from
 * @param {number} to
 * @param {string} mark  such as **
 * @returns {Edit}
 */
export function wrap(text, from, to, mark) {
  const caret = from === to;
  const [begin, end] = caret ? wordAt(text, from) : trimmed(text, from, to);
  const outside = [begin - mark.length, end + mark.length];
  if (text.slice(outside[0], begin) === mark && text.slice(end, outside[1]) === mark && begin >= mark.length) {
    /** @type {[number, number]} */
    const select = caret ? [from - mark.length, from - mark.length] : [outside[0], end - mark.length];
    return { from: outside[0], to: outside[1], text: text.slice(begin, end), select };
  }
  if (!caret && end - begin > 2 * mark.length && text.startsWith(mark, begin) && text.slice(begin, end).endsWith(mark)) {
    const inner = text.slice(begin + mark.length, end - mark.length);
    return { from: begin, to: end, text: inner, select: [begin, begin + inner.length] };
  }
  /** @type {[number, number]} */
  const select = caret ? [from + mark.length, from + mark.length] : [begin + mark.length, end + mark.length];
  return { from: begin, to: end, text: mark + text.slice(begin, end) + mark, select };
}

/** As wrap, for code: several lines become a block. @returns {Edit} */
export function code(text, from, to) {
  const chosen = text.slice(from, to);
  if (!chosen.includes('\n')) return wrap(text, from, to, '`');
  const above = from > 0 && text[from - 1] !== '\n' ? '\n' : '';
  const below = to < text.length && text[to] !== '\n' ? '\n' : '';
  const begin = from + above.length + 4;
  const block = `${above}\`\`\`\n${chosen.replace(/\n$/, '')}\n\`\`\`${below}`;
  return { from, to, text: block, select: [begin, begin + chosen.replace(/\n$/, '').length] };
}

/** Makes the lines that are selected a quote, or plain again if all of them are one. @returns {Edit} */
export function quote(text, from, to) {
  const begin = text.lastIndexOf('\n', from - 1) + 1;
  const after = text.indexOf('\n', to);
  const end = after < 0 ? text.length : after;
  const lines = text.slice(begin, end).split('\n');
  const quoted = lines.every((line) => /^>(?:[ \t]|$)/.test(line));
  const made = lines.map((line) => (quoted ? line.replace(/^>[ \t]?/, '') : `> ${line}`)).join('\n');
  return { from: begin, to: end, text: made, select: [begin + made.length, begin + made.length] };
}

/**
 * @param {string} url  that is put over what is selected
 * @returns {Edit|null} a link with the selected words; null if there is none to make
 */
export function link(text, from, to, url) {
  const words = text.slice(from, to);
  const address = url.trim();
  if (words.trim() === '' || words.includes('\n') || !isLink(address) || isLink(words.trim())) return null;
  const safe = address.replaceAll('(', '%28').replaceAll(')', '%29');
  const made = `[${words.replace(/[[\]]/g, '\\$&')}](${safe})`;
  return { from, to, text: made, select: [from + made.length, from + made.length] };
}

/**
 * What the third backtick of a line calls for: at the beginning of a block its end, which is
 * put below; at its end nothing but the end that is there already.
 *
 * @param {number} at  behind the backtick
 * @returns {Edit|null}
 */
export function fence(text, at) {
  const begin = text.lastIndexOf('\n', at - 1) + 1;
  const rest = text.slice(at);
  if (text.slice(begin, at) !== '```' || (rest !== '' && rest[0] !== '\n')) return null;
  if (!openBefore(text, begin)) return openBefore(text, text.length) ? { from: at, to: at, text: '\n```', select: [at, at] } : null;
  if (!/^\n```(\n|$)/.test(rest)) return null;
  return { from: at, to: at + 4, text: '', select: [at, at] };
}

/** @returns {boolean} whether somebody writes code at this place: there Enter breaks the line */
export function inCode(text, at) {
  const begin = text.lastIndexOf('\n', at - 1) + 1;
  const after = text.indexOf('\n', at);
  const line = text.slice(begin, after < 0 ? text.length : after);
  return openBefore(text, begin) ? !CLOSES.test(line) : OPENS.test(line);
}

function openBefore(text, end) {
  let open = false;
  for (const line of text.slice(0, end).split('\n')) {
    if (open ? CLOSES.test(line) : OPENS.test(line)) open = !open;
  }
  return open;
}

function wordAt(text, at) {
  const before = /[\p{L}\p{N}\p{M}]*$/u.exec(text.slice(0, at))[0].length;
  const after = /^[\p{L}\p{N}\p{M}]*/u.exec(text.slice(at))[0].length;
  return [at - before, at + after];
}

// A mark beside a blank marks nothing.
function trimmed(text, from, to) {
  const chosen = text.slice(from, to);
  if (chosen.trim() === '') return [from, to];
  return [from + chosen.length - chosen.trimStart().length, to - (chosen.length - chosen.trimEnd().length)];
}
