/**
 * <member-list>: who is in the room. While the connection is away it says as of when that was
 * known, and loses its colours.
 */

import { paintAvatar } from './avatar.js';
import { clock, number } from './formats.js';
import { say } from './words.js';

export class MemberList extends HTMLElement {
  /**
   * @param {import('./members.js').Members} members
   * @param {string} me      my name
   * @param {number} lostAt  since when there is no connection, in ms; 0 while there is one
   */
  show({ list, online }, me, lostAt) {
    this.toggleAttribute('data-away', lostAt > 0);
    this.querySelector('.members-count').textContent = lostAt > 0 ? say('members.asOf', { time: clock.format(lostAt) }) : countOf(list.length, online);
    this.#place(list, me);
  }

  // A row is found again by its name, so that a list of hundreds is not made anew for one.
  #place(list, me) {
    const rows = this.querySelector('ul');
    const had = new Map(Array.from(rows.children, (row) => [row.dataset.name, row]));
    const wanted = list.map((member) => this.#row(member, member.name === me, had.get(member.name)));
    if (wanted.length === rows.children.length && wanted.every((row, i) => row === rows.children[i])) return;
    rows.replaceChildren(...wanted);
  }

  #row({ name, age }, own, had) {
    const row = had ?? document.getElementById('member-row').content.firstElementChild.cloneNode(true);
    row.dataset.name = name;
    if (!had) paintAvatar(row.querySelector('.avatar'), name);
    row.querySelector('.member-name').textContent = name;
    row.querySelector('.member-age').textContent = age ? String(age) : '';
    row.querySelector('.member-age').title = age ? `${age} years old` : '';
    row.querySelector('.member-you').hidden = !own;
    return row;
  }
}

/**
 * @param {number} listed
 * @param {number} online
 * @returns {string} such as "7 online", in a crowd "256 of 3,000"
 */
export function countOf(listed, online) {
  return listed < online ? `${number.format(listed)} of ${number.format(online)}` : `${number.format(online)} online`;
}
