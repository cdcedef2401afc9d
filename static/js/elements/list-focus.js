/**
 * The keys of the list. For Tab it is one place: the row that is its turn, and what can be done
 * with that row. The arrows go from row to row, Home and End to the first and the newest, Escape
 * leaves. Each row is an article that is named by who said what.
 */

const STOPS = '.message, .notes-toggle:not([hidden])';
/** A block of code may be wider than the row: Tab must lead to it from anywhere, so that it can be scrolled. */
const WITHIN = 'a[href], button, [tabindex]:not(pre)';

export class ListFocus {
  #log;
  #act;
  /** @type {HTMLElement|null} the one that Tab leads to */
  #current = null;
  #inside = false;
  #wantsNewest = false;
  /** Whatever comes into a row, also later and by others, is for its turn. */
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

  /** A row was drawn. @param {HTMLElement} row */
  take(row) {
    if (!row.matches('.message')) return;
    if (row !== this.#current) row.tabIndex = -1;
    row.role = 'article';
    row.ariaLabelledByElements = ['.message-author', '.message-text'].map((part) => row.querySelector(part));
  }

  /** Rows will come and go. */
  before() {
    this.#inside = this.#log.contains(document.activeElement);
  }

  /** Rows have come and gone. Whoever was on one that is gone is on one that is to be seen. @param {HTMLElement|undefined} seen */
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

  /** Whoever comes here with Tab comes to what is to be seen. @param {HTMLElement|undefined} seen */
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

// Nothing in the row is a place for Tab until it is the row's turn.
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
