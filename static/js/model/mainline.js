/**
 * A room's record as the list of the room shows it: without the replies, which are shown in their
 * threads. Pure.
 */

export class Mainline {
  #record;

  /** @param {import('./room-record.js').RoomRecord} record */
  constructor(record) {
    this.#record = record;
  }

  get messages() { return this.#record.mainline; }

  get known() { return this.#record.known; }

  get older() { return this.#record.older; }

  get last() { return this.#record.last; }

  get floor() { return this.#record.floor; }

  /** @param {number} most */
  trim(most) { this.#record.trim(most); }
}
