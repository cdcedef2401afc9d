/**
 * <member-list>: the members of the room. Without a connection it shows the time of the last
 * update, and fades. It is one tab stop; the arrow keys move through it.
 *
 * Events: `person` (bubbles), detail { name, author }, when a member is clicked.
 */

import { paintAvatar } from './avatar.js';
import { clock } from '../lib/formats.js';
import { identities, isUser, suffixFor } from '../model/identities.js';
import { moveFocus } from '../lib/roving-focus.js';
import { say } from '../lib/words.js';

export class MemberList extends HTMLElement {
  connectedCallback() {
    this.addEventListener('click', this.#clicked);
    this.addEventListener('keydown', this.#pressed);
    this.addEventListener('focusin', this.#focused);
    identities.addEventListener('change', this.#told);
  }

  disconnectedCallback() {
    this.removeEventListener('click', this.#clicked);
    this.removeEventListener('keydown', this.#pressed);
    this.removeEventListener('focusin', this.#focused);
    identities.removeEventListener('change', this.#told);
  }

  /**
   * @param {import('../model/members.js').Members} members
   * @param {{name: string, id?: string}} me
   * @param {number} lostAt  since when there is no connection, in ms; 0 while there is one
   */
  show({ list, online }, me, lostAt) {
    this.toggleAttribute('data-away', lostAt > 0);
    this.querySelector('.members-count').textContent = lostAt > 0 ? say('members.asOf', { time: clock.format(lostAt) }) : countOf(list.length, online);
    this.#place(list, me);
  }

  // Reuses rows, so that one join does not redraw a list of hundreds.
  #place(list, me) {
    const rows = this.querySelector('ul');
    const had = new Map(Array.from(rows.children, (row) => [keyOf(row.dataset.name, row.dataset.author), row]));
    const wanted = list.map((member) => this.#row(member, isUser(me, member.name, member.id), had.get(keyOf(member.name, member.id))));
    if (wanted.length === rows.children.length && wanted.every((row, i) => row === rows.children[i])) return;
    const focused = document.activeElement;
    rows.replaceChildren(...wanted);
    if (rows.contains(focused)) focused.focus();
    this.#stop(this.#buttons.find((button) => button.tabIndex === 0) ?? this.#buttons[0]);
  }

  #row({ name, age, id = '' }, own, had) {
    const row = had ?? document.getElementById('member-row').content.firstElementChild.cloneNode(true);
    if (!had) paintAvatar(row.querySelector('.avatar'), name, id);
    if (!had) row.querySelector('button').tabIndex = -1;
    row.dataset.name = name;
    row.dataset.author = id;
    row.querySelector('.member-name').textContent = name;
    row.querySelector('.suffix').textContent = suffixFor(name, id);
    row.querySelector('.member-age').textContent = age ? String(age) : '';
    row.querySelector('.member-age').title = age ? say('card.age', { n: age }) : '';
    row.querySelector('.member-you').hidden = !own;
    return row;
  }

  get #buttons() {
    return [...this.querySelectorAll('ul button')];
  }

  #stop(button) {
    for (const other of this.#buttons) other.tabIndex = other === button ? 0 : -1;
  }

  #clicked = ({ target }) => {
    const row = target.closest('[data-action=person]')?.closest('li');
    if (!row) return;
    const { name, author } = row.dataset;
    target.closest('button').dispatchEvent(new CustomEvent('person', { bubbles: true, detail: { name, author } }));
  };

  #pressed = (event) => moveFocus(event, this.#buttons);

  #focused = ({ target }) => target.closest('li') && this.#stop(target);

  #told = () => {
    for (const row of this.querySelectorAll('li')) row.querySelector('.suffix').textContent = suffixFor(row.dataset.name, row.dataset.author);
  };
}

const keyOf = (name, id = '') => `${id} ${name}`;

/**
 * @param {number} listed
 * @param {number} online
 * @returns {string} such as "7 online", in a crowd "256 of 3,000"
 */
export function countOf(listed, online) {
  return listed < online ? say('members.ofCrowd', { listed, n: online }) : say('members.online', { n: online });
}
