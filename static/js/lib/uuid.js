/**
 * Ids for messages: UUIDs of version 7 (RFC 9562), which begin with the time, so that those
 * made one after the other lie side by side in the server's index.
 *
 * crypto.randomUUID would be shorter, but over plain HTTP browsers do not have it.
 *
 * @param {number} now  in ms
 * @returns {string}
 */
export function newId(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) & 0xff;
  bytes[6] = (bytes[6] & 0x0f) | 0x70; // the version
  bytes[8] = (bytes[8] & 0x3f) | 0x80; // the variant
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
