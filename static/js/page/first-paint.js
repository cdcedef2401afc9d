/**
 * Reads the messages of the server-side render, so that the room is known before the page
 * connects, and only later changes are requested.
 */

/**
 * @param {HTMLElement} list  the message-list
 * @returns {{epoch: string, rev: number, messages: import('../model/room-record.js').Message[]}|null} null if the server could not load them
 */
export function firstPaint(list) {
  const { epoch, rev } = list.dataset;
  if (epoch === undefined) return null;
  const messages = Array.from(list.querySelectorAll('[role=log] > .message, [role=log] > .gone li'), messageOf);
  return { epoch, rev: Number(rev), messages };
}

function messageOf(row) {
  const { id, seq, rev, from, author, text = '', at, changed = '{}' } = row.dataset;
  const said = row.querySelector('.message-text[data-html]');
  const html = said ? said.innerHTML : undefined; // only read, never written
  return { id, seq: Number(seq), rev: Number(rev), from, author, text, html, at, ...JSON.parse(changed) };
}
