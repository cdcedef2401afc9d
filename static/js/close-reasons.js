/**
 * What the end of a connection means: why, in a sentence for people, and whether to come back.
 * Pure. The codes are those of RFC 6455; docs/protocol.md has them in a table.
 *
 * @param {number} code
 * @param {string} reason  what the server wrote beside the code, often nothing
 * @returns {string}
 */
export function whyClosed(code, reason) {
  switch (code) {
    case 1001: return 'The server is going away or restarting.';
    case 1002: case 1003: return 'The server did not understand this page. Reload it.';
    case 1007: return 'The message had characters that cannot be sent.';
    case 1008: return reason ? sentence(reason) : 'The server refused to go on.';
    case 1009: return 'The message was too big.';
    case 1011: return 'Something went wrong on the server.';
    case 1013: return 'This connection was too slow to follow.';
    default: return 'The connection was lost.';
  }
}

/**
 * @param {number} code
 * @returns {boolean} false if the same would only happen again
 */
export function comesBack(code) {
  return ![1002, 1003, 1008].includes(code);
}

/**
 * @param {number} code
 * @returns {boolean} whether it was about the very frame that we sent last
 */
export function blamesFrame(code) {
  return code === 1007 || code === 1009;
}

function sentence(reason) {
  const text = reason[0].toLocaleUpperCase() + reason.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
