/**
 * Why a connection ended, in a sentence for people. Pure. The codes are those of RFC 6455.
 *
 * @param {number} code
 * @param {string} reason  what the server wrote beside the code, often nothing
 * @returns {string}
 */
export function whyClosed(code, reason) {
  switch (code) {
    case 1001: return 'The server is going away or restarting.';
    case 1008: return reason ? sentence(reason) : 'The server refused to go on.';
    case 1009: return 'The message was too big.';
    case 1011: return 'The server could not store the message.';
    case 1013: return 'This connection was too slow to follow.';
    default: return 'The connection was lost.';
  }
}

function sentence(reason) {
  const text = reason[0].toLocaleUpperCase() + reason.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
