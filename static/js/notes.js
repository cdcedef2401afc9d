/**
 * Who came and went, between the messages. Pure. It is told live and never kept by the server,
 * so it is known only from our own coming on.
 *
 * @typedef {{name: string, what: 'joined'|'left'}} Note
 * @typedef {{after: number, notes: Note[]}} NoteGroup  after: the seq of the message above them
 */

/** More than anybody scrolls back for. */
const MOST_GROUPS = 200;

export class Notes {
  /** @type {NoteGroup[]} */
  groups = [];

  /**
   * @param {number} after  the seq of the newest message, 0 if there is none
   * @param {Note['what']} what
   * @param {string[]} names
   */
  add(after, what, names) {
    if (names.length === 0) return;
    if (this.groups.at(-1)?.after !== after) this.groups.push({ after, notes: [] });
    const { notes } = this.groups.at(-1);
    for (const name of names) {
      const at = notes.findIndex((note) => note.name === name);
      if (at >= 0) notes.splice(at, 1); // what somebody did last stands
      notes.push({ name, what });
    }
    if (this.groups.length > MOST_GROUPS) this.groups.shift();
  }

  clear() {
    this.groups = [];
  }
}

/**
 * @param {Note[]} notes
 * @param {string} me  my name: to me I am "You"
 * @returns {string} such as "Joel left, Priya and 2 more joined"
 */
export function notesSentence(notes, me) {
  return ['left', 'joined']
    .map((what) => [what, notes.filter((note) => note.what === what).map(({ name }) => (name === me ? 'You' : name))])
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${listed(names)} ${what}`)
    .join(', ');
}

function listed(names) {
  if (names.length <= 2) return names.join(' and ');
  return `${names[0]} and ${names.length - 1} more`;
}
