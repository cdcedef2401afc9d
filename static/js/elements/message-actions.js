/**
 * The actions of a message: a bar that appears in the row under the pointer, in the row with the
 * focus, or in a row that is tapped. There is one bar for the whole list. A row that is held opens
 * the menu of all actions (message-menu.js); on a reaction, holding shows who reacted.
 */

import { linkTo } from '../model/room-name.js';

/** How long a finger must be held on a row, in ms. */
const HELD = 400;

/** The distance in px beyond which a moving finger scrolls. */
const STILL = 10;

/**
 * @param {import('../page/chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 * @param {Element} [log]  the rows
 */
export function watchMessageActions(chat, signal, log = chat.querySelector('message-list [role=log]')) {
  const menu = (row, opener = null, held = false) => row && chat.querySelector('message-menu').open(row, linkTo(chat.room, row.dataset), opener, held);
  const actions = new MessageActions(menu);
  const on = (target, event, act) => target.addEventListener(event, act, { signal });
  on(log, 'pointerover', (event) => event.pointerType === 'mouse' && actions.point(rowOf(event.target)));
  on(log, 'pointerleave', (event) => event.pointerType === 'mouse' && actions.leave());
  on(log, 'focusin', ({ target }) => actions.goTo(rowOf(target)));
  on(log, 'focusout', ({ relatedTarget }) => log.contains(relatedTarget) || actions.away());
  on(log, 'pointerdown', (event) => event.pointerType === 'touch' && actions.press(event));
  for (const over of ['pointerup', 'pointercancel', 'pointermove']) on(log, over, (event) => actions.release(event));
  on(log, 'click', (event) => actions.tap(event));
  on(log, 'touchend', actions.lift); // from the start: a browser may not report the end of a touch to a later listener
  on(log, 'contextmenu', (event) => event.pointerType === 'touch' && !event.target.closest('a') && event.preventDefault()); // a long press opens our menu
  on(document, 'pointerdown', ({ target }) => log.contains(target) || target.closest('[popover]') || actions.away());
  on(chat, 'shown', () => actions.away());
  on(log.closest('message-list'), 'more', ({ target }) => menu(actions.row, target.querySelector('[data-action=more]')));
  signal.addEventListener('abort', () => actions.away());
}

class MessageActions {
  #bar = document.getElementById('message-actions').content.firstElementChild.cloneNode(true);
  #menu;
  #held = 0;
  #from = null;
  #holding = false;

  /** @param {(row: HTMLElement|null, opener: null, held: boolean) => void} menu  opens the menu of a row */
  constructor(menu) {
    this.#menu = menu;
  }

  /** The row that has the bar. */
  get row() {
    return rowOf(this.#bar);
  }

  /** @param {HTMLElement|null} row */
  goTo(row) {
    if (row === this.#bar.parentElement) return;
    this.away();
    if (!row?.matches(CHANGEABLE)) return;
    for (const own of this.#bar.querySelectorAll('[data-own]')) own.hidden = !('mine' in row.dataset);
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
    if (!document.querySelector('message-menu:popover-open')) this.point(null);
  }

  press({ target, clientX, clientY }) {
    clearTimeout(this.#held);
    this.#holding = false;
    this.#from = this.#bar.contains(target) ? null : { target, clientX, clientY };
    const row = rowOf(target);
    if (this.#from && row?.matches(CHANGEABLE)) this.#held = setTimeout(() => this.#hold(row), HELD);
  }

  #hold(row) {
    this.#from.target.addEventListener('touchend', this.lift, { once: true }); // it gets the event even if the row is redrawn
    const { target } = this.#from;
    this.#from = null;
    this.#holding = true;
    const reaction = target.closest('.reaction');
    if (reaction) {
      reaction.toggleAttribute('data-held', true); // its names are shown
      target.addEventListener('touchend', () => reaction.removeAttribute('data-held'), { once: true });
      return;
    }
    this.goTo(row);
    this.#menu(row, null, true);
  }

  /** Cancels the tap that lifting the finger would be, because the menu is under the finger by now. */
  lift = (event) => {
    if (this.#holding && event.cancelable) event.preventDefault();
  };

  release({ type, clientX, clientY }) {
    if (!this.#from) return;
    const moved = Math.hypot(clientX - this.#from.clientX, clientY - this.#from.clientY) > STILL;
    if (type === 'pointermove' && !moved) return;
    clearTimeout(this.#held);
    if (moved || type === 'pointercancel') this.#from = null;
  }

  /**
   * Shows the bar after a tap, except on elements that handle taps themselves. Not before the click: it would
   * go to the bar, if that appeared under the finger.
   */
  tap({ target }) {
    if (this.#from && !target.closest('a, button, textarea')) this.goTo(rowOf(target));
    this.#from = null;
  }
}

/** The rows that have actions: stored messages that are not being changed. */
const CHANGEABLE = '.message:not([data-state], [data-editing], [data-leaving])';

function rowOf(target) {
  return target.closest('[data-id]');
}
