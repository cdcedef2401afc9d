/**
 * What the server says, one line a frame, as something to work with. Pure.
 *
 * A name never holds a colon, so the first colon ends the name if a space follows it; all
 * after it was said, whatever it looks like. "Eve: Ann left the chat" is a message of Eve.
 *
 * @typedef {object} Line
 * @property {'said'|'joined'|'left'|'other'} kind  other: a line this page does not know; show it as it is
 * @property {string} name   '' if other
 * @property {string} age    '' if none was said
 * @property {string} text   what was said; '' if nothing was
 * @property {string} line   exactly what the server sent
 */

const JOINED = /^([^:]+?)(?: with age (\d+))? connected to chat$/;
const LEFT = /^([^:]+) left the chat$/;

/**
 * @param {string} line
 * @returns {Line}
 */
export function parseLine(line) {
  const colon = line.indexOf(':');
  if (colon > 0 && line[colon + 1] === ' ') {
    return { kind: 'said', name: line.slice(0, colon), age: '', text: line.slice(colon + 2), line };
  }
  const joined = JOINED.exec(line);
  if (joined) {
    return { kind: 'joined', name: joined[1], age: joined[2] ?? '', text: '', line };
  }
  const left = LEFT.exec(line);
  if (left) {
    return { kind: 'left', name: left[1], age: '', text: '', line };
  }
  return { kind: 'other', name: '', age: '', text: '', line };
}
