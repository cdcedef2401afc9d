/**
 * <room-switcher>: a search field for rooms and people. It is a dialog with a combobox: the focus
 * stays in the field, and the arrows move through the list.
 *
 * Events (they bubble): `open-room`, detail the slug; `open-person`, detail { name, author }.
 */

import { paintAvatar } from './avatar.js';
import { named } from '../lib/formats.js';
import { rank } from '../lib/fuzzy.js';
import { isUser } from '../model/identities.js';
import { COMMAND, sentenceOf } from './room-keys.js';
import { slugOf } from '../model/room-name.js';
import { write } from '../lib/sentence.js';
import { visitedRooms } from '../model/visited-rooms.js';
import { say } from '../lib/words.js';

/** The number of results to show; narrowing the search is quicker than reading more. */
const MOST = 50;

/**
 * @typedef {object} Target  a search result
 * @property {string} name
 * @property {string} [slug]    of a room
 * @property {string} [id]      of a person
 * @property {string} note      shown beside the name
 */

export class RoomSwitcher extends HTMLElement {
  #dialog = null;
  #input = null;
  #list = null;
  /** @type {Target[]} in the order they are listed */
  #targets = [];
  #at = 0;
  /** @type {import('../page/chat-room.js').ChatRoom|null} */
  #chat = null;
  /** @type {import('../page/unread.js').Unread|null} */
  #unread = null;

  connectedCallback() {
    this.#dialog = this.querySelector('dialog');
    this.#input = this.querySelector('input');
    this.#list = this.querySelector('ul');
    this.#input.addEventListener('input', this.#typed);
    this.#input.addEventListener('keydown', this.#pressed);
    this.#list.addEventListener('click', this.#clicked);
    this.querySelector('.switcher-close').addEventListener('click', this.#close);
  }

  disconnectedCallback() {
    this.#input.removeEventListener('input', this.#typed);
    this.#input.removeEventListener('keydown', this.#pressed);
    this.#list.removeEventListener('click', this.#clicked);
    this.querySelector('.switcher-close').removeEventListener('click', this.#close);
  }

  /**
   * @param {import('../page/chat-room.js').ChatRoom} chat  whose rooms and people are searched
   * @param {import('../page/unread.js').Unread} unread
   * @param {AbortSignal} signal
   */
  follow(chat, unread, signal) {
    this.#chat = chat;
    this.#unread = unread;
    const opener = chat.querySelector('[data-action=jump]');
    opener.querySelector('kbd').textContent = `${COMMAND} K`;
    opener.title = sentenceOf('shortcuts.jump');
    opener.addEventListener('click', () => this.open(), { signal });
  }

  open() {
    if (this.#dialog.open) return;
    document.querySelector(':popover-open')?.hidePopover(); // the other popovers closed when this one opened
    this.#input.value = '';
    this.#draw();
    this.#dialog.showModal();
    this.#input.focus();
  }

  #close = () => this.#dialog.close();

  #typed = () => this.#draw();

  #draw() {
    const query = this.#input.value;
    const found = rank(query, [...this.#rooms(), ...this.#people()], ({ name }) => name).slice(0, MOST);
    this.#targets = [...found, ...this.#another(query)];
    this.#list.replaceChildren(...this.#targets.map(row));
    const none = this.#targets.length === 0;
    this.#list.hidden = none;
    this.#input.ariaExpanded = String(!none);
    this.querySelector('.switcher-none').textContent = none ? say('switcher.none') : '';
    this.#list.scrollTop = 0;
    this.#choose(0);
  }

  // Returns the rooms, most recent first, without the one that is shown.
  #rooms() {
    const list = this.#chat.querySelector('room-list');
    const current = this.#chat.room;
    const recent = visitedRooms.list.reverse().filter((slug) => slug !== current);
    const others = [...list.slugs, ...list.known].filter((slug) => slug !== current);
    return [...new Set([...recent, ...others, current])].map((slug) => {
      const { count } = this.#unread.of(slug);
      return { slug, name: list.titleOf(slug), note: count > 0 && slug !== current ? say('switcher.unread', { n: count }) : '' };
    });
  }

  #people() {
    const { socket, room } = this.#chat;
    return (socket.room(room)?.members.list ?? []).map(({ name, id = '' }) => {
      return { name, id, note: isUser(socket.user, name, id) ? say('switcher.you') : say('switcher.person') };
    });
  }

  // Offers a room that is not listed: it may exist further down the server's list, or be created.
  #another(query) {
    const slug = slugOf(query);
    if (!slug || this.#rooms().some((room) => room.slug === slug)) return [];
    return [{ slug, name: say('switcher.create', { room: named(slug) }), note: '', another: true }];
  }

  #choose(at) {
    const rows = this.#list.children;
    this.#at = Math.max(0, Math.min(at, rows.length - 1));
    for (const [i, one] of Array.from(rows).entries()) one.ariaSelected = String(i === this.#at);
    rows[this.#at]?.scrollIntoView({ block: 'nearest' });
    if (rows.length > 0) this.#input.setAttribute('aria-activedescendant', rows[this.#at].id);
    else this.#input.removeAttribute('aria-activedescendant');
  }

  #pressed = (event) => {
    if (event.isComposing) return;
    const last = this.#targets.length - 1;
    const to = {
      ArrowDown: this.#at === last ? 0 : this.#at + 1, ArrowUp: this.#at === 0 ? last : this.#at - 1,
      PageDown: this.#at + 8, PageUp: this.#at - 8,
    }[event.key];
    if (to !== undefined) this.#choose(to);
    else if (event.key === 'Enter') this.#go(this.#at);
    else if (event.key !== 'k' || !(event.ctrlKey || event.metaKey)) return;
    else this.#close();
    event.preventDefault();
  };

  #clicked = ({ target }) => {
    const chosen = target.closest('.switcher-row');
    if (chosen) this.#go(Array.from(this.#list.children).indexOf(chosen));
  };

  #go(at) {
    const target = this.#targets[at];
    if (!target) return;
    this.#close();
    if (target.slug) this.#emit('open-room', target.slug);
    else this.#emit('open-person', { name: target.name, author: target.id });
  }

  #emit(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { bubbles: true, detail }));
  }
}

function row({ slug, id, name, note, another }, i) {
  const made = document.getElementById('switcher-row').content.firstElementChild.cloneNode(true);
  made.id = `switcher-row-${i}`;
  write(made.querySelector('.switcher-name'), another ? name : named(name));
  made.querySelector('.switcher-note').textContent = note;
  const [icon, avatar] = [made.querySelector('.icon'), made.querySelector('.avatar')];
  if (slug) avatar.remove();
  else icon.remove();
  if (another) icon.firstElementChild.setAttribute('href', '#icon-plus');
  if (!slug) paintAvatar(avatar, name, id);
  return made;
}
