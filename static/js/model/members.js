/**
 * Who is in a room, in the order they came. Pure. It understands the three forms of `presence`.
 *
 * @typedef {{name: string, age?: number, id?: string}} Member
 */

/** After we came back ourselves, others do the same for so long, in ms: that is no news. */
const RETURNING = 60_000;

export class Members {
  /** How many there are. In a crowd that is more than the list has. */
  online = 0;
  #byName = new Map();
  #before = new Set();
  #until = 0;

  /** @returns {Member[]} */
  get list() {
    return [...this.#byName.values()];
  }

  /**
   * A page of the room tells who is there, which is no news of anybody.
   *
   * @param {{members: Member[], online: number}} page
   * @param {number} now  in ms, of a clock that is never set
   */
  begin({ members, online }, now) {
    this.#before = new Set(this.#byName.keys());
    this.#until = now + RETURNING;
    this.#replace(members);
    this.online = online;
  }

  /**
   * @param {{joined?: Member[], left?: Member[], members?: Member[], online: number}} presence
   * @param {number} now  in ms
   * @returns {{joined: string[], left: string[]}} whose coming and going is news
   */
  apply({ joined = [], left = [], members, online }, now) {
    this.online = online;
    if (members) this.#replace(members);
    const gone = left.filter(({ name }) => this.#byName.delete(name));
    const come = joined.filter((member) => this.#put(member));
    return {
      joined: come.map(({ name }) => name).filter((name) => now > this.#until || !this.#before.has(name)),
      left: gone.map(({ name }) => name),
    };
  }

  #replace(members) {
    this.#byName = new Map(members.map((member) => [member.name, member]));
  }

  // Who is there already keeps the place, and may have another age now. That is no coming.
  #put(member) {
    const there = this.#byName.has(member.name);
    this.#byName.set(member.name, member);
    return !there;
  }
}
