/**
 * When each person was last seen to join or leave a room, since this page was opened. Pure.
 *
 * @typedef {{here: boolean, at: number}} Seen  at: in ms since 1970
 */

/** The number of entries to keep, more than anyone asks about. */
const MOST = 1_000;

export class LastSeen {
  /** @type {Map<string, Seen>} */
  #last = new Map();

  /**
   * Records joins and leaves.
   *
   * @param {string} room
   * @param {{joined: string[], left: string[]}} presence
   * @param {number} at  in ms
   */
  saw(room, { joined, left }, at) {
    for (const name of left) this.#put(room, name, { here: false, at });
    for (const name of joined) this.#put(room, name, { here: true, at });
  }

  /** @returns {Seen|undefined} the latest entry of a person */
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
