/**
 * The members of a room, in the order they joined. Pure. Handles the three forms of `presence`.
 *
 * @typedef {{name: string, age?: number, id?: string}} Member
 */

/** How long, in ms, joins are not announced after a reconnect: others are reconnecting too. */
const RETURNING = 60_000;

export class Members {
  /** The number of members. In a crowd the list has fewer. */
  online = 0;
  /** By id: while a name changes hands between two nodes, two users may have it for a moment. */
  #byId = new Map();
  #before = new Set();
  #until = 0;

  /** @returns {Member[]} */
  get list() {
    return [...this.#byId.values()];
  }

  /**
   * Replaces the list with that of a room's page. Nobody in it is announced.
   *
   * @param {{members: Member[], online: number}} page
   * @param {number} now  in ms, from a monotonic clock
   */
  begin({ members, online }, now) {
    this.#before = new Set(this.list.map(({ name }) => name));
    this.#until = now + RETURNING;
    this.#replace(members);
    this.online = online;
  }

  /**
   * @param {{joined?: Member[], left?: Member[], members?: Member[], online: number}} presence
   * @param {number} now  in ms
   * @returns {{joined: string[], left: string[]}} the names to announce
   */
  apply({ joined = [], left = [], members, online }, now) {
    this.online = online;
    if (members) this.#replace(members);
    const gone = left.filter((member) => this.#byId.delete(keyOf(member)));
    const come = joined.filter((member) => this.#put(member));
    return {
      joined: come.map(({ name }) => name).filter((name) => now > this.#until || !this.#before.has(name)),
      left: gone.map(({ name }) => name),
    };
  }

  #replace(members) {
    this.#byId = new Map(members.map((member) => [keyOf(member), member]));
  }

  // Updates a member in place, for example with another age. Only a new member counts as joined.
  #put(member) {
    const there = this.#byId.has(keyOf(member));
    this.#byId.set(keyOf(member), member);
    return !there;
  }
}

/** @param {Member} member */
const keyOf = ({ name, id }) => id || name;
