/**
 * What can be done with a message: a bar that comes to the row somebody points at, has the focus
 * in, or, with a finger, holds or taps. There is one bar, and it belongs to no row for long.
 */

import { ORIGIN } from '../lib/base.js';
import { pathOf } from '../model/room-name.js';

/** A finger that rests so long, in ms, wants something of what is under it. */
const HELD = 500;

/** One that moves farther, in px, scrolls. */
const STILL = 10;

/**
 * @param {import('../page/chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchMessageActions(chat, signal) {
  if (!navigator.clipboard) return; // over plain HTTP there is nothing to copy to
  const actions = new MessageActions(chat);
  const log = chat.querySelector('message-list [role=log]');
  const on = (target, event, act) => target.addEventListener(event, act, { signal });
  on(log, 'pointerover', (event) => event.pointerType === 'mouse' && actions.point(rowOf(event.target)));
  on(log, 'pointerleave', (event) => event.pointerType === 'mouse' && actions.leave());
  on(log, 'focusin', ({ target }) => actions.goTo(rowOf(target)));
  on(log, 'focusout', ({ relatedTarget }) => log.contains(relatedTarget) || actions.away());
  on(log, 'pointerdown', (event) => event.pointerType === 'touch' && actions.press(event));
  for (const over of ['pointerup', 'pointercancel', 'pointermove']) on(log, over, (event) => actions.release(event));
  on(document, 'pointerdown', ({ target }) => log.contains(target) || actions.away());
  on(chat, 'shown', () => actions.away());
  signal.addEventListener('abort', () => actions.away());
}

class MessageActions {
  #chat;
  #bar = document.getElementById('message-actions').content.firstElementChild.cloneNode(true);
  #held = 0;
  #from = null;

  constructor(chat) {
    this.#chat = chat;
  }

  /** @param {HTMLElement|null} row */
  goTo(row) {
    if (row === this.#bar.parentElement) return;
    this.away();
    if (!row || row.dataset.state) return;
    const link = ORIGIN + pathOf(this.#chat.room) + '#' + row.dataset.id;
    for (const [what, text] of [['message', row.dataset.text], ['place', link]]) {
      this.#bar.querySelector(`[data-copy=${what}]`).dataset.text = text;
    }
    row.append(this.#bar);
  }

  away() {
    clearTimeout(this.#held);
    // Said beforehand: to take away what has the focus tells of it half way.
    if (this.#bar.contains(document.activeElement)) document.activeElement.blur();
    this.#bar.remove();
  }

  /** A pointer passes over a row. Whoever works with the keyboard keeps the actions of theirs. */
  point(row) {
    if (!this.#bar.parentElement?.matches(':focus-visible, :has(:focus-visible)')) this.goTo(row);
  }

  /** The pointer has gone. */
  leave() {
    this.point(null);
  }

  press({ target, clientX, clientY }) {
    clearTimeout(this.#held);
    if (this.#bar.contains(target)) return;
    this.#from = { target, clientX, clientY, at: Date.now() };
    this.#held = setTimeout(() => this.goTo(rowOf(target)), HELD);
  }

  release({ type, clientX, clientY }) {
    if (!this.#from) return;
    const moved = Math.hypot(clientX - this.#from.clientX, clientY - this.#from.clientY) > STILL;
    if (type === 'pointermove' && !moved) return;
    const { target } = this.#from;
    this.#from = null;
    clearTimeout(this.#held);
    // A tap does the same, but on what answers to a tap itself.
    if (type === 'pointerup' && !moved && !target.closest('a, button')) this.goTo(rowOf(target));
  }
}

function rowOf(target) {
  return target.closest('[data-id]');
}
