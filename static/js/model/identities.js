/**
 * Tells people of one name apart. Pure. A name belongs to whoever has it now, so over the time
 * two may have had the same; their ids (`author` of a message, `id` of a member) differ.
 *
 * Event: `change`, detail the name, when a second identity of it is seen: what was drawn of the
 * first is to be drawn again.
 */

/** How many digits are shown; more if two ids begin with the same ones. */
const DIGITS = 8;

export class Identities extends EventTarget {
  /** @type {Map<string, Set<string>>} ids by name */
  #seen = new Map();

  /**
   * @param {string} name
   * @param {string} [id]  hex digits; nothing for somebody of whom none is known
   * @returns {string} '' while there is only one of that name, else such as '·a1b2'
   */
  tell(name, id = '') {
    if (!id) return '';
    // Other versions sent ids of another length. They say nothing about these.
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
 * Whether somebody of a name and an id is this user: the name alone may have been another's before.
 * An id that is missing, or of another length, as other versions sent it, says nothing.
 * @param {{name: string, id?: string, former?: string}} user  as in `welcome`
 * @param {string} name
 * @param {string} [id]
 */
export function isUser(user, name, id = '') {
  return name === user.name && (id.length !== user.id?.length || id === user.id || id === user.former);
}

/**
 * The one rule of what counts as mine: neither a divider, nor a badge, nor a sound is for what I
 * wrote myself. Whose connection it is may change, so it is looked up for each message.
 *
 * @param {{user: {name: string, id?: string, former?: string}|null}} socket
 * @returns {(message: {from: string, author?: string}) => boolean}
 */
export const writtenBy = (socket) => ({ from, author }) => socket.user !== null && isUser(socket.user, from, author);

/** Those of this page. */
export const identities = new Identities();

/** @see Identities.tell */
export const tell = (name, id) => identities.tell(name, id);

function digits(ids) {
  let count = DIGITS;
  while (new Set(ids.map((id) => id.slice(0, count))).size < ids.length) count++;
  return count;
}
