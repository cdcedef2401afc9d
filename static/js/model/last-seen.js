/**
 * Since when somebody is in a room, or is not, as far as this page has seen it. Pure.
 *
 * @typedef {{here: boolean, at: number}} Seen  at: in ms since 1970
 */

/** Enough for everybody whom one could still ask about. */
const MOST = 1_000;

export class LastSeen {
  /** @type {Map<string, Seen>} */
  #last = new Map();

  /**
   * @param {string} room
   * @param {{joined: string[], left: string[]}} presence
   * @param {number} at  in ms
   */
  saw(room, { joined, left }, at) {
    for (const name of left) this.#put(room, name, { here: false, at });
    for (const name of joined) this.#put(room, name, { here: true, at });
  }

  /** @returns {Seen|undefined} the last one */
  of(room, name) {
    return this.#last.get(`${room} ${name}`);
  }

  #put(room, name, seen) {
    const key = `${room} ${name}`; // a slug has no blanks
    this.#last.delete(key);
    this.#last.set(key, seen);
    if (this.#last.size > MOST) this.#last.delete(this.#last.keys().next().value);
  }
}
