/**
 * The names that this page has seen, of members and authors. `@Ann Example` mentions Ann Example,
 * and it mentions Ann only if the longer name is not known.
 *
 * Event: `change`, when a name is added.
 */

import { fold } from './mentions.js';

export class KnownNames extends EventTarget {
  /** @type {Map<string, string>} names as written, by their folded form */
  #names = new Map();

  /** Adds names. @param {Iterable<string>} names */
  see(names) {
    const before = this.#names.size;
    for (const name of names) if (!this.#names.has(fold(name))) this.#names.set(fold(name), name);
    if (this.#names.size > before) this.dispatchEvent(new Event('change'));
  }

  /** @param {string} name  @returns {string[]} the longer names that begin with it */
  longerThan(name) {
    const begin = fold(name);
    return [...this.#names].filter(([key]) => key.length > begin.length && key.startsWith(begin)).map(([, known]) => known);
  }
}

/** The names that this page has seen. */
export const knownNames = new KnownNames();

/**
 * Adds the names of members and authors as the socket reports them.
 *
 * @param {import('../page/chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchNames({ socket }, signal) {
  const on = (event, act) => socket.addEventListener(event, ({ detail }) => act(detail), { signal });
  on('message', ({ message }) => knownNames.see([message.from]));
  on('presence', ({ joined }) => knownNames.see(joined));
  on('room', ({ room: slug, reset, older }) => {
    if (!reset && !older) return;
    const { record, members } = socket.room(slug);
    knownNames.see([...record.messages.map(({ from }) => from), ...members.list.map(({ name }) => name)]);
  });
}
