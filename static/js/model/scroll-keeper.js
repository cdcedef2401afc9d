/**
 * Tracks whether the reader is at the newest message, and otherwise keeps the visible messages
 * where they are. The caller reports scrolling and changes of the list.
 *
 * Only the reader leaves the end, by scrolling up or by following a link. A list that grows, or
 * shrinks above an open keyboard, is farther from its end without anyone having scrolled.
 */

/** How near to the end, in px, counts as being there. */
const NEAR = 100;

/** How near to an edge of the drawn part, in px, more is drawn. */
const NEAR_EDGE = 600;

export class ScrollKeeper {
  /** Whether the list follows new messages. */
  pinned = true;
  #top = 0;
  /**
   * The element that must not move, the position where it belongs, the one where it was last, and the scroll
   * position at that time.
   *
   * @type {{part: Element, top: number, was: number, at: number}|null}
   */
  #held = null;

  /**
   * Updates `pinned` after the list was scrolled, and where the held element belongs now.
   *
   * @param {{scrollTop: number, clientHeight: number, scrollHeight: number}} view
   * @param {boolean} ends  whether the list ends with the newest message
   */
  scrolled(view, ends) {
    this.#follow(view.scrollTop);
    this.#locate(view, ends);
  }

  // The reader moves the held element by scrolling. What else has moved it in the same frame is left to
  // restore(), except for less than a pixel, which is how the browser rounds.
  #follow(scrollTop) {
    if (!this.#held) return;
    const place = this.#held.was - (scrollTop - this.#held.at);
    const is = topOf(this.#held);
    this.#held.top = Math.abs(is - place) < 1 ? is : place;
    this.#held.at = scrollTop;
  }

  #locate({ scrollTop, clientHeight, scrollHeight }, ends) {
    if (ends && scrollHeight - scrollTop - clientHeight <= NEAR) this.pin();
    else if (!ends || scrollTop < this.#top) this.leave();
    this.#top = scrollTop;
  }

  /** Follows the newest message from now on. */
  pin() {
    this.pinned = true;
  }

  /** Stops following the newest message. */
  leave() {
    this.pinned = false;
  }

  /**
   * Keeps an element where it is, to the pixel, unless the list is pinned.
   *
   * @param {{part: Element, top: number}|null} part  the element, and its position on the screen
   * @param {{scrollTop: number}} view
   */
  hold(part, { scrollTop }) {
    this.#held = this.pinned || !part ? null : { ...part, was: part.top, at: scrollTop };
  }

  /** Moves the held element back to its place, as far as the list can be scrolled. @param {HTMLElement} scroller */
  restore(scroller) {
    if (this.pinned || !this.#held?.part.isConnected) return;
    const drift = topOf(this.#held) - this.#held.top;
    if (drift !== 0) scroller.scrollTop += drift; // only then, because it ends a smooth scroll
    this.#held.was = topOf(this.#held);
    this.#held.at = this.#top = scroller.scrollTop;
  }

  /** Releases the held element, because the reader is taken somewhere else. */
  letGo() {
    this.#held = null;
  }

  /**
   * Adjusts the scroll position after rows were added, removed, or resized: scrolls to the newest
   * message, or moves the held element back to its place.
   *
   * @param {HTMLElement} scroller
   * @param {boolean} ends  as for scrolled()
   * @returns {boolean} whether an element is held
   */
  settle(scroller, ends) {
    if (this.pinned) scroller.scrollTop = scroller.scrollHeight;
    else this.restore(scroller);
    // The browser's scroll event comes later, when it could be mistaken for the reader's.
    this.#locate(scroller, ends);
    return this.#held !== null;
  }

  /**
   * @param {{scrollTop: number, clientHeight: number, scrollHeight: number}} view
   * @returns {-1|0|1} -1 near the upper edge, 1 near the lower one, otherwise 0; also 0 while pinned
   */
  edge({ scrollTop, clientHeight, scrollHeight }) {
    if (this.pinned || clientHeight === 0) return 0;
    if (scrollTop < NEAR_EDGE) return -1;
    return scrollHeight - scrollTop - clientHeight < NEAR_EDGE ? 1 : 0;
  }
}

function topOf({ part }) {
  return part.getBoundingClientRect().top;
}
