/**
 * The join and leave notices between the messages. Pure. The server sends presence live and does
 * not store it, so the notices begin when this page joins.
 *
 * @typedef {{name: string, what: 'joined'|'left'}} Notice
 * @typedef {{after: number, notices: Notice[]}} NoticeGroup  after: the seq of the message above them
 */

import { inARow, listed, named } from '../lib/formats.js';
import { say } from '../lib/words.js';

/** The number of groups to keep, more than anyone scrolls back for. */
const MOST_GROUPS = 200;

/** The number of names that fit into a line; the others are counted. */
const NAMED = 2;

export class Notices {
  /** @type {NoticeGroup[]} */
  groups = [];

  /**
   * Adds notices below a message.
   *
   * @param {number} after  the seq of the newest message, 0 if there is none
   * @param {Notice['what']} what
   * @param {string[]} names
   */
  add(after, what, names) {
    if (names.length === 0) return;
    if (this.groups.at(-1)?.after !== after) this.groups.push({ after, notices: [] });
    const { notices } = this.groups.at(-1);
    for (const name of names) {
      const at = notices.findIndex((notice) => notice.name === name);
      if (at >= 0) notices.splice(at, 1); // only a person's latest notice counts
      notices.push({ name, what });
    }
    if (this.groups.length > MOST_GROUPS) this.groups.shift();
  }

  clear() {
    this.groups = [];
  }
}

/**
 * @param {Notice[]} notices
 * @returns {{text: string, whole: string[]}} a line such as "Joel left, Ann, Bob and 3 more joined",
 *   and sentences that name everyone; none if the line already does
 */
export function sentencesOf(notices) {
  const kinds = ['left', 'joined']
    .map((what) => [what, notices.filter((notice) => notice.what === what).map(({ name }) => name)])
    .filter(([, names]) => names.length > 0);
  const text = inARow(kinds.map(([what, names]) => (names.length > NAMED ? some(what, names) : all(what, names))));
  const short = kinds.some(([, names]) => names.length > NAMED);
  return { text, whole: short ? kinds.map(([what, names]) => all(what, names)) : [] };
}

function all(what, names) {
  return say('notes.' + what, { names: listed(names), n: names.length });
}

function some(what, names) {
  return say('notes.' + what + 'More', { names: inARow(names.slice(0, NAMED).map(named)), n: names.length - NAMED });
}
