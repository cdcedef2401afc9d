/**
 * Keyboard navigation of the list. It is one tab stop: the current row with its controls. The
 * arrows move from row to row, Home and End to the first and the newest, and Escape leaves. Each
 * row is an article that is labelled by its author and text.
 */

const STOPS = '.message, .notes-toggle:not([hidden]), .gone-line';
/** Tabbable elements within a row. A code block can be wider than the row, so it stays tabbable to be scrolled. */
const WITHIN = 'a[href], button, summary, [tabindex]:not(pre)';

export class ListFocus {
  #log;
  #act;
  /** @type {HTMLElement|null} the current row, which Tab reaches */
  #current = null;
  #inside = false;
  #wantsNewest = false;
  /** Makes elements that are added to a row later tabbable only while the row is current. */
  #comes = new MutationObserver((records) => this.#came(records));

  /**
   * @param {HTMLElement} log  whose children are the rows
   * @param {{toNewest: () => void, leave: () => void}} act
   */
  constructor(log, act) {
    this.#log = log;
    this.#act = act;
  }

  /** @param {AbortSignal} signal */
  start(signal) {
    this.#log.addEventListener('keydown', (event) => this.#pressed(event), { signal });
    this.#log.addEventListener('focusin', ({ target }) => this.#go(target.closest(STOPS)), { signal });
    this.#comes.observe(this.#log, { childList: true, subtree: true });
    signal.addEventListener('abort', () => this.#comes.disconnect());
  }

  /** Registers a row that was drawn. @param {HTMLElement} row */
  take(row) {
    if (!row.matches('.message')) return;
    if (row !== this.#current) row.tabIndex = -1;
    row.role = 'article';
    row.ariaLabelledByElements = ['.message-author', '.message-text'].map((part) => row.querySelector(part));
  }

  /** Call before rows are added or removed. */
  before() {
    this.#inside = this.#log.contains(document.activeElement);
  }

  /** Call after rows were added or removed. If the focused row is gone, a visible one gets the focus. @param {HTMLElement|undefined} seen */
  after(seen) {
    const stops = this.#stops();
    const lost = this.#inside && !this.#log.contains(document.activeElement);
    this.#inside = false;
    if (this.#wantsNewest || lost) {
      (this.#wantsNewest ? stops.at(-1) : seen ?? stops.at(-1))?.focus({ preventScroll: true });
      this.#wantsNewest = false;
    }
    this.settle(seen ?? stops.at(-1));
  }

  /** Makes a visible row the current one, for the next Tab into the list. @param {HTMLElement|undefined} seen */
  settle(seen) {
    if (seen && !this.#log.contains(document.activeElement)) this.#go(seen);
  }

  #stops() {
    return [...this.#log.querySelectorAll(STOPS)];
  }

  #go(stop) {
    if (!stop || stop === this.#current) return;
    if (this.#current) rest(this.#current);
    this.#current = stop;
    wake(stop);
  }

  #came(records) {
    const rows = new Set(records.flatMap(({ target, addedNodes }) => (target === this.#log ? [...addedNodes] : [target.closest('[role=log] > *')])));
    for (const row of rows) {
      if (row?.isConnected && row === this.#current) wake(row);
      else if (row?.isConnected && !row.contains(this.#current)) rest(row);
    }
  }

  #pressed(event) {
    const stop = event.target.closest(STOPS);
    if (!stop || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const go = this.#keys[event.key];
    if (!go) return;
    event.preventDefault();
    const stops = this.#stops();
    go(stops, stops.indexOf(stop));
  }

  #keys = {
    ArrowUp: (stops, at) => stops[at - 1]?.focus(),
    ArrowDown: (stops, at) => stops[at + 1]?.focus(),
    Home: (stops) => stops[0]?.focus(),
    End: () => {
      this.#wantsNewest = true;
      this.#act.toNewest();
    },
    Escape: () => this.#act.leave(),
  };
}

// Makes nothing in the row tabbable until it is current.
function rest(row) {
  if (row.matches(STOPS)) row.tabIndex = -1;
  for (const part of row.querySelectorAll(WITHIN)) {
    if ('rests' in part.dataset) continue;
    part.dataset.rests = part.getAttribute('tabindex') ?? '';
    part.tabIndex = -1;
  }
}

function wake(row) {
  row.tabIndex = 0;
  for (const part of row.querySelectorAll('[data-rests]')) {
    if (part.dataset.rests === '') part.removeAttribute('tabindex');
    else part.tabIndex = Number(part.dataset.rests);
    delete part.dataset.rests;
  }
}
