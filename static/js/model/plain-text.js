/**
 * The words of a message without its Markdown, in one line: for quotes, lists, and notifications.
 * Pure. handlers/pages/plain_text.go has the same rules, and testdata/plain-text.json beside it their
 * test cases. They are an approximation: only the server's renderer knows all of Markdown.
 */

const CODE = /`+([^`\n]+)`+/g;

/** What stands in for code, whose characters are no marks. */
const HOLE = '\u0000';

/**
 * The rules, in order; the replacement keeps the groups.
 * @type {[RegExp, string][]}
 */
const RULES = [
  [/^ {0,3}```.*$/gm, ''],
  [/^(?: {0,3}> ?)+/gm, ''],
  [/^ *[-*+] +/gm, ''],
  [/\[([^\]\n]+)\]\([^)\s]*(?:\)|$)/g, '$1'],
  [/\*\*(\S(?:[^\n]*?\S)?)\*\*/g, '$1'],
  [/~~(\S(?:[^\n]*?\S)?)~~/g, '$1'],
  [/(^|[^\p{L}\p{N}_])__((?:[^\s_a-z]|[a-z]+ )(?:[^\n]*?[^\s_])?)__/gmu, '$1$2'],
  [/(^|[^\p{L}\p{N}*\\])\*([^\s*](?:[^*\n]*[^\s*])?)\*/gmu, '$1$2'],
  [/(^|[^\p{L}\p{N}_\\])_([^\s_](?:[^_\n]*[^\s_])?)_/gmu, '$1$2'],
  [/\\([\\`*_~[\]()>#+-])/g, '$1'],
  [/\s+/g, ' '],
];

/** A mark whose end was cut off with the end of a quote. */
const CUT = /(^|\s)(?:\*\*|~~|`+)(\S)/g;

/** The size in bytes from which on a quote is taken to be cut. */
const NEARLY = 190;

/**
 * @param {string} text  as typed
 * @returns {string} in one line
 */
export function plainText(text) {
  const codes = [];
  let plain = text.replaceAll(HOLE, '').replace(CODE, (_, code) => {
    codes.push(code);
    return HOLE;
  });
  for (const [mark, words] of RULES) plain = plain.replace(mark, words);
  if (new TextEncoder().encode(text).length >= NEARLY) plain = plain.replace(CUT, '$1$2');
  return plain.replaceAll(HOLE, () => codes.shift()).trim() || text; // of marks alone, the marks
}
