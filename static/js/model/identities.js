/**
 * Distinguishes people of the same name. Pure. A name can pass from one user to another, so two
 * users may have had it at different times; their ids (`author` of a message, `id` of a member)
 * differ.
 *
 * Event: `change`, detail the name, when a second id of it appears: rows that show the first must
 * be drawn again.
 */

/** The number of digits of an id to show; more are shown if two ids begin with the same digits. */
const DIGITS = 8;

export class Identities extends EventTarget {
  /** @type {Map<string, Set<string>>} known ids by name */
  #seen = new Map();

  /**
   * Returns the suffix that distinguishes a user from others of the same name.
   *
   * @param {string} name
   * @param {string} [id]  hex digits; empty if it is not known
   * @returns {string} '' while only one user of that name is known, otherwise a suffix such as '·a1b2'
   */
  suffixFor(name, id = '') {
    if (!id) return '';
    // Servers of other versions sent ids of another length, which cannot be compared with these.
    const key = id.length + name.normalize('NFKC').toLowerCase();
    if (!this.#seen.has(key)) this.#seen.set(key, new Set());
    const ids = this.#seen.get(key);
    if (!ids.has(id)) {
      ids.add(id);
      if (ids.size === 2) this.dispatchEvent(new CustomEvent('change', { detail: name }));
    }
    return ids.size < 2 ? '' : `·${id.slice(0, digits([...ids]))}`;
  }
}

/**
 * Reports whether a name and an id are this user's. The name alone does not prove it, because
 * another user may have had it before. An id that is missing, or of another length as other
 * versions sent it, is not compared.
 * @param {{name: string, id?: string}} user  as in `welcome`
 * @param {string} name
 * @param {string} [id]
 */
export function isUser(user, name, id = '') {
  return name === user.name && (id.length !== user.id?.length || id === user.id);
}

/**
 * Returns the one rule of which messages are the reader's own: they get no divider, badge, or
 * sound. The user of a connection may change, so it is read for each message.
 *
 * @param {{user: {name: string, id?: string}|null}} socket
 * @returns {(message: {from: string, author?: string}) => boolean}
 */
export const writtenBy = (socket) => ({ from, author }) => socket.user !== null && isUser(socket.user, from, author);

/** The identities that this page has seen. */
export const identities = new Identities();

/** @see Identities.suffixFor */
export const suffixFor = (name, id) => identities.suffixFor(name, id);

function digits(ids) {
  let count = DIGITS;
  while (new Set(ids.map((id) => id.slice(0, count))).size < ids.length) count++;
  return count;
}
