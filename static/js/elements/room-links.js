/**
 * <room-links>: parts of the page that name the shown room: its title, its link, the QR code of
 * the link, and the line for a terminal. The server renders them for the first room; this element
 * updates them when the reader switches rooms.
 */

import { at, ORIGIN, sockets } from '../lib/base.js';
import { named } from '../lib/formats.js';
import { LOBBY, pathOf } from '../model/room-name.js';
import { write } from '../lib/sentence.js';
import { say } from '../lib/words.js';

const SENTENCES = {
  'empty.title': (room) => say('empty.title', { room: named(room) }),
  'invite.title': (room) => say('invite.title', { room: named(room) }),
};

export class RoomLinks extends HTMLElement {
  connectedCallback() {
    for (const code of this.#codes) code.addEventListener('error', hide);
  }

  disconnectedCallback() {
    for (const code of this.#codes) code.removeEventListener('error', hide);
  }

  /**
   * @param {string} slug
   * @param {string} title
   */
  show(slug, title) {
    for (const place of this.querySelectorAll('[data-room-title]')) place.textContent = title;
    for (const place of this.querySelectorAll('[data-copy=link]')) copyable(place, ORIGIN + pathOf(slug));
    for (const place of this.querySelectorAll('[data-copy=terminal]')) copyable(place, terminalLine(slug));
    for (const place of this.querySelectorAll('[data-room-sentence]')) write(place, SENTENCES[place.dataset.roomSentence](title));
    for (const code of this.#codes) draw(code, slug, title);
    this.querySelector('[data-action=leave]').hidden = slug === LOBBY;
  }

  get #codes() {
    return this.querySelectorAll('[data-room-code]');
  }
}

function terminalLine(slug) {
  const address = `${sockets(ORIGIN)}/chat/you`;
  return slug === LOBBY ? `websocat ${address}` : `websocat '${address}?room=${slug}'`;
}

function copyable(place, text) {
  place.querySelector('copy-button').dataset.text = text;
  const code = place.querySelector('code');
  if (code) code.textContent = text;
}

function draw(code, slug, title) {
  const path = at(`/rooms/${slug}/qr.svg`);
  if (code.getAttribute('src') === path) return;
  code.alt = say('bring.code', { room: title });
  code.closest('figure').hidden = false;
  code.src = path;
}

// Without the QR code, the words below it have no meaning.
function hide({ target }) {
  target.closest('figure').hidden = true;
}
