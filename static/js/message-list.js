/**
 * <message-list>: what is heard in the room, as rows. Follows the newest while the reader is
 * there; otherwise nothing under their eyes moves, and a button counts what is new.
 */

import { eventRow, messageRow } from './message-row.js';
import { ScrollKeeper } from './scroll-keeper.js';

/** A page that is open for weeks must not grow for weeks. */
const MOST_ROWS = 1_000;

/** Above this the oldest go even while somebody reads among them. */
const MOST_ROWS_AWAY = 5 * MOST_ROWS;

/** Messages of one author belong together for so long, in ms. */
const GROUP = 5 * 60_000;

export class MessageList extends HTMLElement {
  #log = null;
  #jump = null;
  #empty = null;
  #keeper = new ScrollKeeper();
  #resizes = new ResizeObserver(() => this.#follow());
  #frame = 0;
  #said = false;
  /** @type {{name: string, at: Date|null}|null} whose group the next message may go on */
  #group = null;

  connectedCallback() {
    this.#log = this.querySelector('[role=log]');
    this.#jump = this.querySelector('.jump');
    this.#empty = this.querySelector('.empty');
    this.#log.addEventListener('scroll', this.#scrolled, { passive: true });
    this.#jump.addEventListener('click', this.toNewest);
    this.#resizes.observe(this.#log);
  }

  disconnectedCallback() {
    this.#log.removeEventListener('scroll', this.#scrolled);
    this.#jump.removeEventListener('click', this.toNewest);
    this.#resizes.disconnect();
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  /** Whether nobody said anything since the connection began, nor in the history. */
  get silent() {
    return !this.#said;
  }

  /** A new connection: it tells the history again. That is not news, so it is not read aloud. */
  begin() {
    this.clear();
    this.#said = false;
    this.#empty.hidden = true;
    this.#log.ariaBusy = 'true';
  }

  /** Empties the view, and nothing else. */
  clear() {
    this.#log.replaceChildren();
    this.#group = null;
    this.toNewest();
  }

  /** @param {import('./message-row.js').Heard} heard */
  add(heard) {
    if (heard.own) this.#log.ariaBusy = 'false';
    if (heard.kind === 'said') this.#addMessage(heard);
    else this.#addEvent(heard);
    this.#empty.hidden = this.#said || !heard.live;
    this.#trim();
    this.#follow();
    this.#tell();
  }

  /** Goes to the newest row, and stays there. */
  toNewest = () => {
    this.#keeper.pin();
    this.#follow();
    this.#tell();
  };

  #addMessage(heard) {
    const at = heard.live ? new Date() : null;
    const further = this.#group?.name === heard.name && (at ?? 0) - (this.#group.at ?? 0) < GROUP;
    this.#log.append(messageRow(heard, further, at));
    this.#group = { name: heard.name, at };
    this.#said = true;
    this.#keeper.said();
  }

  #addEvent(heard) {
    this.#log.append(eventRow(heard));
    this.#group = null;
  }

  #trim() {
    const most = this.#keeper.pinned ? MOST_ROWS : MOST_ROWS_AWAY;
    if (this.#log.childElementCount <= most) return;
    while (this.#log.childElementCount > most) this.#log.firstElementChild.remove();
    // The row that is now the first must say whose it is.
    this.#log.firstElementChild.removeAttribute('data-further');
  }

  // Once a frame, however much was heard in it: measuring after every line would cost more.
  #follow() {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#keeper.pinned) this.#log.scrollTop = this.#log.scrollHeight;
    });
  }

  #scrolled = () => {
    this.#keeper.scrolled(this.#log);
    this.#tell();
  };

  #tell() {
    const { pinned, unseen } = this.#keeper;
    this.toggleAttribute('data-away', !pinned);
    this.#jump.hidden = pinned;
    this.#jump.toggleAttribute('data-quiet', unseen === 0);
    this.#jump.ariaLabel = unseen === 0 ? 'Jump to the newest' : null;
    this.#jump.querySelector('span').textContent = unseen === 0 ? '' : `${unseen} new`;
  }
}
