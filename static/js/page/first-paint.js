/**
 * What the page came with: the messages that the server painted, so that a room is known before
 * anything is asked, and only what changed since has to come.
 */

/**
 * @param {HTMLElement} list  the message-list
 * @returns {{epoch: string, rev: number, messages: import('../model/room-record.js').Message[]}|null} null if the server could not read them
 */
export function firstPaint(list) {
  const { epoch, rev } = list.dataset;
  if (epoch === undefined) return null;
  const messages = Array.from(list.querySelectorAll('[role=log] > .message'), messageOf);
  return { epoch, rev: Number(rev), messages };
}

function messageOf(row) {
  const { id, seq, rev, from, author, text, at } = row.dataset;
  const said = row.querySelector('.message-text');
  const html = 'html' in said.dataset ? said.innerHTML : undefined; // read, and not written
  return { id, seq: Number(seq), rev: Number(rev), from, author, text, html, at };
}
