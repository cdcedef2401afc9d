/**
 * <room-links>: a part of the page that names the room that is shown: its title, its link, and
 * the line for a terminal. The server writes them for the room one comes into; this keeps them
 * right when one goes on to another.
 */

import { LOBBY, pathOf } from './room-name.js';

export class RoomLinks extends HTMLElement {
  /**
   * @param {string} slug
   * @param {string} title
   */
  show(slug, title) {
    for (const place of this.querySelectorAll('[data-room-title]')) place.textContent = title;
    for (const place of this.querySelectorAll('[data-copy=link]')) write(place, `${location.origin}${pathOf(slug)}`);
    for (const place of this.querySelectorAll('[data-copy=terminal]')) write(place, terminalLine(slug));
  }
}

function terminalLine(slug) {
  const address = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/chat/you`;
  return slug === LOBBY ? `websocat ${address}` : `websocat '${address}?room=${slug}'`;
}

function write(place, text) {
  place.querySelector('copy-button').dataset.text = text;
  const code = place.querySelector('code');
  if (code) code.textContent = text;
}
