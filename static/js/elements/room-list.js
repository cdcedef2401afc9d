/**
 * <room-list>: the rooms, and a form that creates one. Each room is a real link, which also works
 * in a new tab.
 *
 * Events (they bubble): `open-room`, detail the slug; `list-rooms`, detail the slug after which
 * the next page begins, '' for the first page.
 */

import { number } from '../lib/formats.js';
import { LOBBY, learnAddress, pathOf, slugOf, titleOf } from '../model/room-name.js';
import { draftOf } from '../model/room-drafts.js';
import { visitedRooms } from '../model/visited-rooms.js';
import { say } from '../lib/words.js';

/** How often the list is loaded again, in ms: the server does not announce new rooms. */
const AGAIN = 60_000;

/** The largest count to show; above it the badge says "many". */
const MOST = 99;

export class RoomList extends HTMLElement {
  #form = null;
  #timer = 0;
  /** @type {Map<string, string>} titles by slug */
  #stored = new Map();
  #current = LOBBY;
  #visited = [];
  #next = '';
  #late = false;
  /** @type {(slug: string) => {count: number, mentions: number, failed: boolean}} */
  #standing = () => ({ count: 0, mentions: 0, failed: false });

  connectedCallback() {
    this.#form = this.querySelector('form');
    this.addEventListener('click', this.#clicked);
    this.addEventListener('pointerleave', this.#left);
    this.#form.addEventListener('submit', this.#submitted);
    this.#form.addEventListener('input', this.#edited);
    this.#timer = setInterval(() => document.hidden || this.#emit('list-rooms', ''), AGAIN);
  }

  disconnectedCallback() {
    this.removeEventListener('click', this.#clicked);
    this.removeEventListener('pointerleave', this.#left);
    this.#form.removeEventListener('submit', this.#submitted);
    this.#form.removeEventListener('input', this.#edited);
    clearInterval(this.#timer);
  }

  /**
   * @param {string} current    the room that is shown
   * @param {string[]} visited  the rooms of this tab, stored or not
   */
  show(current, visited) {
    this.#current = current;
    this.#visited = visited;
    this.#draw();
  }

  /** @param {{rooms: {room: string, address?: string, title: string}[], more: boolean, after: string}} page  from the server */
  take({ rooms, more, after }) {
    // A reloaded page may be the first of several that are shown; the others stay.
    const last = rooms.at(-1)?.address ?? rooms.at(-1)?.room ?? '';
    for (const { room, address, title } of rooms) {
      learnAddress(room, address);
      this.#stored.set(room, title);
    }
    if (!more) this.#next = '';
    else if (after !== '' || last > this.#next) this.#next = last;
    this.#draw();
  }

  /** @param {(slug: string) => {count: number, mentions: number, failed: boolean}} standing  returns unread counts, and whether a message could not be sent */
  showStandings(standing) {
    this.#standing = standing;
    for (const row of this.querySelectorAll('.room-row')) this.#mark(row);
  }

  /** @returns {string[]} all known rooms, including those that were left, which are not listed */
  get known() {
    return [...this.#stored.keys()];
  }

  /** @returns {string[]} the listed rooms, in order */
  get slugs() {
    return Array.from(this.querySelectorAll('.room-row'), (row) => row.dataset.room);
  }

  /** @param {string} slug  @returns {string} */
  titleOf(slug) {
    return this.#stored.get(slug) || titleOf(slug);
  }

  #draw() {
    const { left } = visitedRooms;
    const slugs = new Set([...this.#stored.keys(), ...this.#visited].filter((slug) => !left.has(slug)));
    slugs.add(this.#current);
    slugs.delete(LOBBY);
    // The lobby, then by name: new messages do not move rooms.
    const had = new Map(Array.from(this.querySelectorAll('.room-row'), (link) => [link.dataset.room, link.parentElement]));
    this.#place([LOBBY, ...[...slugs].sort()].map((slug) => this.#row(slug, had.get(slug))));
    this.querySelector('[data-action=more]').hidden = this.#next === '';
  }

  // Places the rows. A new room waits while the pointer is over the list, unless it is the shown one.
  #place(rows) {
    const list = this.querySelector('ul');
    if (rows.length === list.children.length && rows.every((row, i) => row === list.children[i])) return;
    const shown = rows.find((row) => row.querySelector('[aria-current]'));
    this.#late = shown?.parentElement === list && list.matches(':hover') && matchMedia('(hover: hover)').matches;
    if (!this.#late) list.replaceChildren(...rows);
  }

  #row(slug, had) {
    const row = had ?? document.getElementById('room-row').content.firstElementChild.cloneNode(true);
    const link = row.querySelector('a');
    link.dataset.room = slug;
    link.href = pathOf(slug);
    link.querySelector('.room-row-title').textContent = this.titleOf(slug);
    link.ariaCurrent = slug === this.#current ? 'page' : null;
    this.#mark(link);
    return row;
  }

  #mark(row) {
    const slug = row.dataset.room;
    const { count, mentions, failed } = this.#standing(slug);
    const draft = slug !== this.#current && (failed || draftOf(slug) !== '');
    row.querySelector('.room-row-draft').toggleAttribute('hidden', !draft);
    const badge = row.querySelector('.room-row-count');
    badge.hidden = count === 0;
    badge.textContent = count > MOST ? say('rooms.many', { n: MOST }) : number.format(count);
    row.toggleAttribute('data-unread', count > 0);
    row.toggleAttribute('data-mentioned', mentions > 0);
    row.ariaLabel = nameOf(row, count, mentions);
  }

  #left = () => {
    if (this.#late) this.#draw();
  };

  #clicked = (event) => {
    if (event.target.closest('[data-action=more]')) this.#emit('list-rooms', this.#next);
    const link = event.target.closest('a');
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.#emit('open-room', link.dataset.room);
  };

  #submitted = (event) => {
    event.preventDefault();
    const { title } = this.#form.elements;
    if (title.value.trim() === '') return;
    const slug = slugOf(title.value);
    this.#say(slug ? '' : say('rooms.badName'));
    if (!slug) return;
    this.#form.reset();
    this.#emit('open-room', slug);
  };

  #edited = () => this.#say('');

  #say(wrong) {
    const { title } = this.#form.elements;
    title.ariaInvalid = wrong ? 'true' : null;
    this.querySelector('#new-room-error').textContent = wrong;
  }

  #emit(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { bubbles: true, detail }));
  }
}

// Returns the accessible name of a row: everything visible in it, as one sentence.
function nameOf(row, n, mentions) {
  const room = row.querySelector('.room-row-title').textContent;
  const unread = mentions > 0 ? say('rooms.mentioned', { room, n }) : say('rooms.unread', { room, n });
  const standing = n > 0 ? unread : room;
  return row.querySelector('.room-row-draft').hasAttribute('hidden') ? standing : say('rooms.draft', { room: standing });
}
