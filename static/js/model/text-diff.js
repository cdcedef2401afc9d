/**
 * Compares two texts word by word. Pure.
 *
 * @typedef {{kind: 'same'|'added'|'removed', text: string}} Part
 */

/** The largest table to fill, in cells; beyond it the differing middle counts as replaced. */
const MOST = 2_000_000;

/**
 * @param {string} before
 * @param {string} after
 * @returns {Part[]} both texts in one: without the added parts it is the first, without the removed
 *   ones the second
 */
export function differences(before, after) {
  const [a, b] = [words(before), words(after)];
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const parts = [
    ...a.slice(0, start).map(same),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
  return joined(parts);
}

const same = (text) => ({ kind: 'same', text });

// Words, and each space or sign between them.
function words(text) {
  return text.match(/[\p{L}\p{N}\p{M}_]+|\s+|[^]/gu) ?? [];
}

// The longest common subsequence: reach[i][j] is its length in a from i and b from j on.
function middle(a, b) {
  const wide = b.length + 1;
  if ((a.length + 1) * wide > MOST) return [...a.map((text) => ({ kind: 'removed', text })), ...b.map((text) => ({ kind: 'added', text }))];
  const reach = new Uint16Array((a.length + 1) * wide);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      reach[i * wide + j] = a[i] === b[j] ? reach[(i + 1) * wide + j + 1] + 1 : Math.max(reach[(i + 1) * wide + j], reach[i * wide + j + 1]);
    }
  }
  const parts = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i] === b[j]) parts.push(same(a[i++])) && j++;
    else if (j === b.length || (i < a.length && reach[(i + 1) * wide + j] >= reach[i * wide + j + 1])) parts.push({ kind: 'removed', text: a[i++] });
    else parts.push({ kind: 'added', text: b[j++] });
  }
  return parts;
}

function joined(parts) {
  const all = [];
  for (const { kind, text } of parts) {
    if (all.at(-1)?.kind === kind) all.at(-1).text += text;
    else all.push({ kind, text });
  }
  return all;
}
