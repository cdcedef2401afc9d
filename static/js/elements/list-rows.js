/**
 * The rows in the document: adds and removes them, and finds those that are visible. Rows that
 * stay are not touched, so they keep their selection and focus.
 */

import { drawGone } from './gone-row.js';
import { draw, looks } from './message-row.js';
import { drawNotices } from './notices-row.js';
import { drawThreadRow } from './thread-line.js';

export class ListRows {
  #scroller;
  #log;
  #focus;
  #rows = new Map();
  /** @type {{element: HTMLElement, seq: number}[]} the messages; a draft has no seq */
  #messages = [];

  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} log  the element in it whose children are the rows
   * @param {import('./list-focus.js').ListFocus} focus
   */
  constructor(scroller, log, focus) {
    this.#scroller = scroller;
    this.#log = log;
    this.#focus = focus;
  }

  /**
   * @param {import('../model/timeline.js').Row[]} rows  from top to bottom
   * @param {boolean} news  whether some are new, to be announced by screen readers
   */
  place(rows, news) {
    this.#focus.before();
    const keys = new Set(rows.map(({ key }) => key));
    if (this.#rows.size === 0) this.#adopt(keys);
    const looked = rows.map((row) => ({ row, look: lookOf(row), had: this.#rows.get(row.key) }));
    this.#announce(news, looked.some(({ look, had }) => had?.look !== look));
    this.#remove(keys);
    let at = this.#log.firstElementChild;
    for (const { row, look, had } of looked) {
      const element = had?.look === look ? had.element : this.#draw(row, had?.element ?? null);
      this.#rows.set(row.key, { element, look });
      if (element === at) at = at.nextElementSibling;
      else this.#log.insertBefore(element, at);
    }
    this.#messages = rows.filter(({ kind }) => kind === 'message').map(({ key, seq }) => ({ element: this.#rows.get(key).element, seq }));
    this.#focus.after(this.lowest);
  }

  /** Forgets the rows, which belong to another room. The next drawing removes them. */
  forget() {
    this.#messages = [];
  }

  /** @param {string} key  @returns {HTMLElement|undefined} */
  element(key) {
    return this.#rows.get(key)?.element;
  }

  /** @returns {{part: Element, top: number}|null} the text of the first message that is entirely visible, and its position */
  get first() {
    const { top } = this.#scroller.getBoundingClientRect();
    const message = this.#messages[this.#from((box) => box.top >= top)] ?? this.#messages.at(-1);
    // The text, because the head disappears when a message of the same author is added above.
    const part = message?.element.querySelector('.message-text');
    return part ? { part, top: part.getBoundingClientRect().top } : null;
  }

  /** @returns {number[]} the seqs of the messages whose end is visible */
  get inSight() {
    return this.#inSight().map(({ seq }) => seq).filter(Boolean);
  }

  /** @returns {HTMLElement|undefined} the lowest message whose end is visible */
  get lowest() {
    return this.#inSight().at(-1)?.element;
  }

  #inSight() {
    const { top, bottom } = this.#scroller.getBoundingClientRect();
    if (bottom === top) return [];
    return this.#messages.slice(this.#from((box) => box.bottom > top), this.#from((box) => box.bottom > bottom + 1));
  }

  // Returns the index of the first message for which the predicate holds; it holds for all later ones too.
  #from(true_) {
    let [low, high] = [0, this.#messages.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (true_(this.#messages[middle].element.getBoundingClientRect())) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  // Takes over the rows of the server-side render.
  #adopt(keys) {
    for (const element of [...this.#log.children]) {
      const { key } = element.dataset;
      if (keys.has(key)) this.#rows.set(key, { element, look: '' });
      else element.remove();
    }
    this.#log.closest('message-list').toggleAttribute('data-live', true);
  }

  // Screen readers do not announce changes while the log is busy. An announcement in progress is
  // not cut off by a drawing that changes nothing.
  #announce(news, changes) {
    if (news || changes) this.#log.ariaBusy = String(!news);
  }

  #remove(keys) {
    for (const [key, { element }] of this.#rows) {
      if (keys.has(key)) continue;
      element.remove();
      this.#rows.delete(key);
    }
  }

  #draw(row, element) {
    const drawn = (DRAW[row.kind] ?? draw)(row, element);
    this.#focus.take(drawn);
    return drawn;
  }
}

/** How rows are drawn that are no messages and have more than a text. */
const DRAW = { notes: drawNotices, gone: drawGone, thread: drawThreadRow };

function lookOf(row) {
  return row.kind in DRAW ? JSON.stringify([row.text, row.whole, row.thread, row.replies]) : looks(row);
}
