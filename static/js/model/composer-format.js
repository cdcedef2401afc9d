/**
 * Markdown formatting of the composer's text: adds marks around the selection, or removes them.
 * Pure: each function takes a text and a selection, and returns the edit to make.
 *
 * @typedef {object} Edit
 * @property {number} from    start of the text to replace
 * @property {number} to      end of the text to replace
 * @property {string} text    the replacement
 * @property {[number, number]} select  the selection after the edit
 */

import { isLink } from './links.js';

/** Matches a line that opens a code block; the next matches one that closes it. */
const OPENS = /^ {0,3}```[^`]*$/;
const CLOSES = /^ {0,3}```\s*$/;

/**
 * Puts a mark on both sides of the selection, or of the word at the cursor. If the mark is
 * already there, removes it.
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

/** Formats the selection as code, several lines as a code block. @returns {Edit} */
export function code(text, from, to) {
  const chosen = text.slice(from, to);
  if (!chosen.includes('\n')) return wrap(text, from, to, '`');
  const above = from > 0 && text[from - 1] !== '\n' ? '\n' : '';
  const below = to < text.length && text[to] !== '\n' ? '\n' : '';
  const begin = from + above.length + 4;
  const block = `${above}\`\`\`\n${chosen.replace(/\n$/, '')}\n\`\`\`${below}`;
  return { from, to, text: block, select: [begin, begin + chosen.replace(/\n$/, '').length] };
}

/** Quotes the selected lines, or unquotes them if all of them are quoted. @returns {Edit} */
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
 * @param {string} url  the link's target
 * @returns {Edit|null} the edit that makes the selection a link; null if it cannot be one
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
 * Completes a code block when the third backtick of a line is typed: one that opens a block gets
 * a closing fence below; one that closes a block replaces the fence that is already there.
 *
 * @param {number} at  the position after the backtick
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

/** @returns {boolean} whether the position is inside code, where Enter inserts a line break */
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

// Markdown ignores a mark next to a space, so the selection is trimmed first.
function trimmed(text, from, to) {
  const chosen = text.slice(from, to);
  if (chosen.trim() === '') return [from, to];
  return [from + chosen.length - chosen.trimStart().length, to - (chosen.length - chosen.trimEnd().length)];
}
