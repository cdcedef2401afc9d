/**
 * <room-list>: the rooms there are, and a form that opens another. Each is a link that works by
 * itself, too, in another tab.
 *
 * Events (they bubble): `open-room`, detail the slug; `list-rooms`, detail the slug after which
 * the next page shall begin, '' to begin anew.
 */

import { LOBBY, NO_ROOM_NAME, pathOf, slugOf, titleOf } from './room-name.js';
import { recall } from './storage.js';

/** Others open rooms, too, and nobody tells: so often the list is asked for again, in ms. */
const AGAIN = 60_000;

export class RoomList extends HTMLElement {
  #form = null;
  #timer = 0;
  /** @type {Map<string, string>} titles by slug */
  #stored = new Map();
  #current = LOBBY;
  #visited = [];
  #next = '';

  connectedCallback() {
    this.#form = this.querySelector('form');
    this.addEventListener('click', this.#clicked);
    this.#form.addEventListener('submit', this.#submitted);
    this.#form.addEventListener('input', this.#edited);
    this.#timer = setInterval(() => document.hidden || this.#tell('list-rooms', ''), AGAIN);
  }

  disconnectedCallback() {
    this.removeEventListener('click', this.#clicked);
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

  /** @param {{rooms: {room: string, title: string}[], more: boolean, after: string}} page  as the server lists them */
  take({ rooms, more, after }) {
    // A page that is read again may be the first of several that are shown: they stay.
    const last = rooms.at(-1)?.room ?? '';
    for (const { room, title } of rooms) this.#stored.set(room, title);
    if (!more) this.#next = '';
    else if (after !== '' || last > this.#next) this.#next = last;
    this.#draw();
  }

  #draw() {
    const slugs = new Set([...this.#stored.keys(), ...this.#visited, this.#current]);
    slugs.delete(LOBBY);
    // The lobby, then by name: nothing moves under the pointer because somebody spoke.
    const rows = [LOBBY, ...[...slugs].sort()].map((slug) => this.#row(slug));
    const list = this.querySelector('ul');
    if (rows.length !== list.children.length || rows.some((row, i) => row !== list.children[i])) list.replaceChildren(...rows);
    this.querySelector('[data-action=more]').hidden = this.#next === '';
  }

  #row(slug) {
    const had = Array.from(this.querySelectorAll('.room-row')).find((row) => row.dataset.room === slug);
    const row = had?.parentElement ?? document.getElementById('room-row').content.firstElementChild.cloneNode(true);
    const link = row.querySelector('a');
    link.dataset.room = slug;
    link.href = pathOf(slug);
    link.querySelector('.room-row-title').textContent = this.#stored.get(slug) || titleOf(slug);
    link.ariaCurrent = slug === this.#current ? 'page' : null;
    const draft = slug !== this.#current && recall(`draft.${slug}`) !== '';
    link.querySelector('.room-row-draft').toggleAttribute('hidden', !draft);
    return row;
  }

  #clicked = (event) => {
    if (event.target.closest('[data-action=more]')) this.#tell('list-rooms', this.#next);
    const link = event.target.closest('a');
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.#tell('open-room', link.dataset.room);
  };

  #submitted = (event) => {
    event.preventDefault();
    const { title } = this.#form.elements;
    if (title.value.trim() === '') return;
    const slug = slugOf(title.value);
    this.#say(slug ? '' : NO_ROOM_NAME);
    if (!slug) return;
    this.#form.reset();
    this.#tell('open-room', slug);
  };

  #edited = () => this.#say('');

  #say(wrong) {
    const { title } = this.#form.elements;
    title.ariaInvalid = wrong ? 'true' : null;
    this.querySelector('#new-room-error').textContent = wrong;
  }

  #tell(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { bubbles: true, detail }));
  }
}
