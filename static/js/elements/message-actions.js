/**
 * The actions of a message: a bar that appears in the row under the pointer, in the row with the
 * focus, or in a row that is tapped or held. There is one bar for the whole list.
 */

import { ORIGIN } from '../lib/base.js';
import { pathOf } from '../model/room-name.js';

/** How long a finger must be held on a row, in ms. */
const HELD = 500;

/** The distance in px beyond which a moving finger scrolls. */
const STILL = 10;

/**
 * @param {import('../page/chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchMessageActions(chat, signal) {
  if (!navigator.clipboard) return; // over plain HTTP there is no clipboard to copy to
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
    // Blur first: removing the focused element fires events while it is half removed.
    if (this.#bar.contains(document.activeElement)) document.activeElement.blur();
    this.#bar.remove();
  }

  /** Shows the bar in the row under the pointer, unless a row has the keyboard focus. */
  point(row) {
    if (!this.#bar.parentElement?.matches(':focus-visible, :has(:focus-visible)')) this.goTo(row);
  }

  /** Hides the bar after the pointer has left. */
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
    // A tap shows the bar as well, except on elements that handle taps themselves.
    if (type === 'pointerup' && !moved && !target.closest('a, button')) this.goTo(rowOf(target));
  }
}

function rowOf(target) {
  return target.closest('[data-id]');
}
