/**
 * Returns a new message id: a UUID of version 7 (RFC 9562). It begins with the time, so ids made
 * in sequence are adjacent in the server's index.
 *
 * crypto.randomUUID would be shorter, but browsers do not offer it over plain HTTP.
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
