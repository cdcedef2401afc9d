/**
 * <message-list>: a room as rows. Follows the newest while the reader is there; otherwise
 * nothing under their eyes moves, whatever is put in or taken away, and a button counts what is new.
 *
 * Events (they bubble): `older`, when more is to be read above; `retry` and `discard`, detail the
 * id of a draft.
 */

import { draw, looks } from './message-row.js';
import { ScrollKeeper } from './scroll-keeper.js';
import { nextChange, timeline } from './timeline.js';

/** A page that is open for weeks must not grow for weeks. */
const MOST = 1_000;

/** Above this the oldest go even while somebody reads among them. */
const MOST_AWAY = 5 * MOST;

/** So near to the top, in px, what is above is asked for. */
const NEAR_TOP = 600;

/** In a hidden tab nothing is drawn by the browser; then we draw so often, in ms. */
const HIDDEN = 250;

/**
 * @typedef {object} View  what is shown
 * @property {import('./room-record.js').RoomRecord} record
 * @property {import('./notes.js').Notes} notes
 * @property {import('./outbox.js').Draft[]} drafts
 * @property {string} me
 * @property {boolean} away
 */

export class MessageList extends HTMLElement {
  #scroller = null;
  #log = null;
  #jump = null;
  #top = null;
  #keeper = new ScrollKeeper();
  #resizes = new ResizeObserver(() => this.#resized());
  /** @type {(() => void)|null} takes back what is to be drawn */
  #undraw = null;
  #changing = 0;
  /** @type {() => View|null} */
  #view = () => null;
  #rows = new Map();
  #newest = 0;
  #fresh = true;
  /** @type {{row: Element, top: number}|null} what the reader looks at, and where it stands */
  #held = null;

  connectedCallback() {
    this.#scroller = this.querySelector('.messages');
    this.#log = this.querySelector('[role=log]');
    this.#jump = this.querySelector('.jump');
    this.#top = this.querySelector('.messages-top');
    this.#scroller.addEventListener('scroll', this.#scrolled, { passive: true });
    this.#jump.addEventListener('click', this.toNewest);
    this.addEventListener('click', this.#clicked);
    this.#resizes.observe(this.#scroller);
  }

  disconnectedCallback() {
    this.#scroller.removeEventListener('scroll', this.#scrolled);
    this.#jump.removeEventListener('click', this.toNewest);
    this.removeEventListener('click', this.#clicked);
    this.#resizes.disconnect();
    this.#undraw?.();
    this.#undraw = null;
    clearTimeout(this.#changing);
  }

  /** Shows another room, at its newest. @param {() => View|null} view */
  show(view) {
    this.#view = view;
    this.begin();
  }

  /** What is shown now was not said now: it is not read aloud, nor counted as new. */
  begin() {
    this.#fresh = true;
    this.#keeper.pin();
    this.update();
  }

  /** Something changed. It is drawn with the next frame, however much changes until then. */
  update() {
    if (this.#undraw) return;
    const drawing = () => {
      this.#undraw = null;
      this.#draw();
    };
    if (document.hidden) {
      const timer = setTimeout(drawing, HIDDEN);
      this.#undraw = () => clearTimeout(timer);
    } else {
      const frame = requestAnimationFrame(drawing);
      this.#undraw = () => cancelAnimationFrame(frame);
    }
  }

  /** Goes to the newest row, and stays there. */
  toNewest = () => {
    this.#keeper.pin();
    this.update();
  };

  #draw() {
    const view = this.#view();
    if (!view) return;
    const { record, notes, drafts } = view;
    this.#count(record);
    record.trim(this.#keeper.pinned ? MOST : MOST_AWAY);
    const now = Date.now();
    const rows = timeline({ ...view, messages: record.messages, groups: notes.groups }, now);
    this.#hold();
    this.#place(rows);
    this.#showTop(record);
    this.querySelector('.empty').hidden = !record.known || record.last > 0 || drafts.length > 0;
    this.#settle();
    this.#tell();
    clearTimeout(this.#changing);
    this.#changing = setTimeout(() => this.update(), nextChange(drafts, now));
  }

  // What is news: messages below all that was there. Older ones that were put in above are not.
  #count(record) {
    const fresh = record.messages.filter(({ seq }) => seq > this.#newest);
    this.#log.ariaBusy = String(this.#fresh || fresh.length === 0);
    if (!this.#fresh) fresh.forEach(() => this.#keeper.said());
    this.#newest = record.last;
    this.#fresh = false;
  }

  // Rows that stay are not touched: what is selected stays selected, what has the focus keeps it.
  #place(rows) {
    const keys = new Set(rows.map(({ key }) => key));
    for (const [key, { element }] of this.#rows) {
      if (keys.has(key)) continue;
      element.remove();
      this.#rows.delete(key);
    }
    if (this.#rows.size === 0) this.#adopt(keys);
    let at = this.#log.firstElementChild;
    for (const row of rows) {
      const had = this.#rows.get(row.key);
      const look = looks(row);
      const element = had?.look === look ? had.element : draw(row, had?.element ?? null);
      this.#rows.set(row.key, { element, look });
      if (element === at) at = at.nextElementSibling;
      else this.#log.insertBefore(element, at);
    }
  }

  // What the server has painted stays, and goes on as a row of ours.
  #adopt(keys) {
    for (const element of [...this.#log.children]) {
      if (keys.has(element.dataset.key)) this.#rows.set(element.dataset.key, { element, look: '' });
      else element.remove();
    }
    this.toggleAttribute('data-live', true);
  }

  #showTop(record) {
    const [older, beginning] = this.#top.children;
    const far = record.messages.length + 100 > MOST_AWAY;
    older.hidden = !record.older || far;
    beginning.hidden = older.hidden === false || record.messages.length === 0;
    beginning.textContent = far && record.older ? 'This is as far back as one page goes.' : 'This is the beginning.';
  }

  // The first row that is to be seen whole stays where it is, to the pixel.
  #hold() {
    this.#held = this.#keeper.pinned ? null : this.#atTop();
  }

  #atTop() {
    const { top } = this.#scroller.getBoundingClientRect();
    const { children } = this.#log;
    let [low, high] = [0, children.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (children[middle].getBoundingClientRect().top < top) low = middle + 1;
      else high = middle;
    }
    // A day may go when what is above it comes; a message stays.
    while (low < children.length && !children[low].dataset.id) low++;
    const row = children[low] ?? children[children.length - 1];
    return row ? { row, top: row.getBoundingClientRect().top } : null;
  }

  #settle() {
    if (this.#keeper.pinned) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    else if (this.#held?.row.isConnected) {
      this.#scroller.scrollTop += this.#held.row.getBoundingClientRect().top - this.#held.top;
    }
    // The browser tells only later, and then it could be the reader who moved.
    this.#keeper.scrolled(this.#scroller);
  }

  // Narrower rows are higher: what was at the top is brought back to it.
  #resized() {
    this.#settle();
  }

  #scrolled = () => {
    this.#keeper.scrolled(this.#scroller);
    this.#hold();
    this.#tell();
    if (this.#scroller.scrollTop < NEAR_TOP && !this.#keeper.pinned) this.#ask('older');
  };

  #clicked = ({ target }) => {
    const action = target.closest('[data-action]')?.dataset.action;
    const { id, from: name, author = '' } = target.closest('[data-id]')?.dataset ?? {};
    if (action) this.#ask(action, action === 'person' ? { name, author } : id);
  };

  #ask(what, detail) {
    if (what === 'older' && this.#top.firstElementChild.hidden) return;
    this.dispatchEvent(new CustomEvent(what, { bubbles: true, detail }));
  }

  #tell() {
    const { pinned, unseen } = this.#keeper;
    this.toggleAttribute('data-away', !pinned);
    this.#jump.hidden = pinned;
    this.#jump.toggleAttribute('data-quiet', unseen === 0);
    this.#jump.ariaLabel = unseen === 0 ? 'Jump to the newest' : null;
    this.#jump.querySelector('span').textContent = unseen === 0 ? '' : `${unseen} new`;
  }
}
