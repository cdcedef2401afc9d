/**
 * Finds URLs and mail addresses in a text, by the same rules as the server (markdown/bare.go and
 * linkends.go). markdown/testdata/links.json has test cases for both. Pure.
 */

/** The maximum length, in UTF-16 units, of a host, and of a user name before it. */
const LONGEST = 255;
const LONGEST_LOCAL = 64;
const DEEPEST = 32;

const STARTS = /(?<![A-Za-z0-9])(?:https?:\/\/|www\.)/giu;
const IN_HOST = /[A-Za-z0-9][.-]$/u;
const CREDENTIALS = /[\w.~!$&*+=:%-]{1,254}@/y;
const LABEL = /[\p{L}\p{N}\p{M}_\u200c\u200d-]+/uy;
const IPV6 = /\[[0-9a-f:.]{2,45}\]/iuy;
const PORT = /:\d{1,5}(?!\d)/uy;

/** Matches a letter that cannot follow ASCII letters in a label, because no top-level domain mixes them. */
const FOREIGN = /(?!\p{Script=Latin})[\p{L}\p{N}](?<![\x00-\x7f])/u;

/** Matches Chinese, Japanese, and Korean characters. */
const WIDE = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\u3000-\u303f\u30a0-\u30ff\ufe30-\ufe6f\uff00-\uffef]/u;

const HARD = /^(?:["<>\\`…]|[^\p{L}\p{M}\p{N}\p{P}\p{S}\u200c\u200d])/u;
const SOFT = /^(?:[*_~|]|\p{Terminal_Punctuation}|\p{Quotation_Mark}|\p{Pi}|\p{Pf})/u;
const QUOTE = /^(?!")\p{Quotation_Mark}/u;

const BRACKETS = '()[]{}“”«»‹›༺༻༼༽᚛᚜⁅⁆⁽⁾₍₎⌈⌉⌊⌋❨❩❪❫❬❭❮❯❰❱❲❳❴❵⟅⟆⟦⟧⟨⟩⟪⟫⟬⟭⟮⟯⦃⦄⦅⦆⦇⦈⦉⦊⦋⦌⦗⦘⧘⧙⧚⧛⧼⧽⸢⸣⸤⸥⸦⸧⸨⸩〈〉《》「」『』【】〔〕〖〗〘〙〚〛﹙﹚﹛﹜﹝﹞（）［］｛｝｟｠｢｣';

/** Closing marks, each with the opening marks before an address that make it end the address. */
const CLOSERS = { "'": "'", '‘': '’', '‚': '‘’', '„': '“”', '*': '*' };

/**
 * @param {string} text
 * @returns {[number, number][]} the start and end of each URL and mail address
 */
export function findLinks(text) {
  const mails = mailAddresses(text);
  const marks = ['**', '~~'].map((mark) => ({ mark, first: text.indexOf(mark) })).filter(({ first }) => first >= 0);
  /** @type {[number, number][]} */
  const found = [];
  let end = 0;
  let hostless = 0;
  for (const { index } of text.matchAll(STARTS)) {
    while (mails.length > 0 && mails[0][0] <= index) {
      const mail = mails.shift();
      if (mail[0] >= end) end = take(found, mail);
    }
    if (index < end || index < hostless || IN_HOST.test(text.slice(Math.max(0, index - 2), index))) continue;
    const to = addressEnd(text, index, marks.filter(({ first }) => first < index).map(({ mark }) => mark));
    if (to > 0 && addressOf(text.slice(index, to))) end = take(found, [index, to]);
    else hostless = Math.max(hostless, -to);
  }
  for (const mail of mails) if (mail[0] >= end) end = take(found, mail);
  return found;
}

function take(found, link) {
  found.push(link);
  return link[1];
}

/** @returns {boolean} whether the text is a single URL and nothing else */
export function isLink(text) {
  const [link] = /^https?:/i.test(text) ? findLinks(text) : [];
  return link !== undefined && link[0] === 0 && link[1] === text.length;
}

/**
 * @param {string} typed  a URL or mail address from findLinks
 * @returns {string} the href; '' if a browser cannot follow it
 */
export function addressOf(typed) {
  let address = typed;
  if (/^www\./i.test(typed)) address = `http://${typed}`;
  else if (!/^(?:https?|mailto):/i.test(typed)) address = `mailto:${typed}`;
  try {
    return new URL(address) && address;
  } catch {
    return '';
  }
}

// Returns the end of a URL; 0 or less if there is none, and then no URL begins before the negated
// value. The marks are the Markdown marks that came before; their counterparts end the URL.
function addressEnd(text, start, marks) {
  const www = /^www/i.test(text.slice(start, start + 3));
  let begin = start;
  if (!www) {
    begin = text.indexOf('//', start) + 2;
    begin = after(CREDENTIALS, text, begin) || begin;
  }
  const [end, whole] = hostEnd(text, begin);
  if (end <= 0) return end;
  if (www && text.slice(begin, end).split('.').length < 3) return 0;
  return whole ? linkEnd(text, start, after(PORT, text, end) || end, marks) : end;
}

// Returns the end of a match at a position; 0 if there is none.
function after(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : 0;
}

/** @returns {[number, boolean]} the end of a host, and whether a path may follow */
function hostEnd(text, begin) {
  const address = after(IPV6, text, begin);
  if (address || text[begin] === '[') return [address, true];
  let end = 0;
  for (let at = begin; at - begin <= LONGEST;) {
    const label = after(LABEL, text, at);
    if (!label) return afterDot(text, at, end);
    if (text[at] === '-' || text[label - 1] === '-') return [-label, false];
    end = label;
    if (text[end] !== '.') {
      const foreign = text.charCodeAt(at) < 0x80 ? text.slice(at, end).search(FOREIGN) : 0;
      return foreign > 0 ? [at + foreign, false] : [end, true];
    }
    at = end + 1;
  }
  return [-end, false];
}

/** @returns {[number, boolean]} */
function afterDot(text, at, end) {
  if (end === 0 || at >= text.length) return [end, true];
  let next = at;
  while (text[next] === '.') next++;
  if (next > at && after(LABEL, text, next)) return [-at, false];
  return '/?#'.includes(text[at]) ? [at, true] : [end, true];
}

function linkEnd(text, start, hostAndPort, marks) {
  if (hostAndPort >= text.length || !'/?#'.includes(text[hostAndPort])) return hostAndPort;
  const closers = CLOSERS[text[start - 1]] ?? '';
  const parts = { part: '/', stack: [] };
  let end = hostAndPort;
  for (let at = hostAndPort; at < text.length;) {
    const character = String.fromCodePoint(text.codePointAt(at));
    if (closers.includes(character) || marks.some((mark) => text.startsWith(mark, at))) return end;
    const next = at + character.length;
    const term = begins(parts, character) ? (character === '?' ? 'soft' : 'include') : termOf(character, text.slice(next, next + 2));
    if (term === 'hard' || term === 'bracket' && !bracket(parts.stack, character)) return end;
    if (term === 'include' || term === 'bracket' && BRACKETS.indexOf(character) % 2) end = next;
    at = next;
  }
  return end;
}

// A path segment or query parameter. Brackets are paired within one.
function begins(parts, character) {
  const next = { '/': '?#', '?': '#', '#': '' }[parts.part];
  if (next.includes(character)) parts.part = character;
  else if (!{ '/': '/', '?': '&=', '#': '' }[parts.part].includes(character)) return false;
  parts.stack.length = 0;
  return true;
}

function termOf(character, rest) {
  if (BRACKETS.includes(character)) return 'bracket';
  if (HARD.test(character)) return 'hard';
  if (!SOFT.test(character)) return 'include';
  return WIDE.test(character) || QUOTE.test(character) && WIDE.test(rest) ? 'hard' : 'soft';
}

/** @returns {boolean} false for a closing bracket without an opening one, or if the nesting is too deep */
function bracket(stack, character) {
  const index = BRACKETS.indexOf(character);
  if (index % 2 === 0) return stack.push(character) <= DEEPEST;
  return stack.pop() === BRACKETS[index - 1];
}

/** @returns {[number, number][]} */
function mailAddresses(text) {
  /** @type {[number, number][]} */
  const found = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const mail = mailAt(text, at);
    if (mail && mail[0] >= (found.at(-1)?.[1] ?? 0)) found.push(mail);
  }
  return found;
}

/** @returns {[number, number]|null} */
function mailAt(text, at) {
  let from = at;
  for (const character of Array.from(text.slice(Math.max(0, at - LONGEST_LOCAL - 1), at)).reverse()) {
    if (!/[A-Za-z0-9._%+-]|[^\x00-\x7f]/u.test(character) || !/[\p{L}\p{N}\p{M}._%+-]/u.test(character) || WIDE.test(character)) break;
    from -= character.length;
  }
  while (from < at && '_%+-'.includes(text[from])) from++;
  const local = text.slice(from, at);
  if (!local || text[from - 1] === '@' || local.length > LONGEST_LOCAL || /^\.|\.$|\.\./.test(local)) return null;
  const [end, whole] = hostEnd(text, at + 1);
  const host = text.slice(at + 1, end);
  if (end <= 0 || !host.includes('.') || host[0] === '[' || whole && text[end] === '@') return null;
  const scheme = text.slice(Math.max(0, from - 7), from).toLowerCase() === 'mailto:' && !/[A-Za-z0-9]/.test(text[from - 8] ?? '');
  return [scheme ? from - 7 : from, at + 1 + host.replace(/[_.]+$/, '').length];
}
