/**
 * Knows whether the reader is at the newest line, and keeps what they look at where it stands. It
 * is told what moved.
 *
 * Only the reader can leave the end, by going up, or who leads them elsewhere. A list that grows,
 * or shrinks under an open keyboard, is farther from its end than before without anybody having moved.
 */

/** So near to the end, in px, still counts as being there. */
const NEAR = 100;

/** So near to an edge of what is drawn, in px, it is gone on with. */
const NEAR_EDGE = 600;

export class ScrollKeeper {
  /** Whether new lines are to be followed. */
  pinned = true;
  #top = 0;
  /** @type {{part: Element, top: number}|null} what the reader looks at, and where it stands */
  #held = null;

  /**
   * @param {{scrollTop: number, clientHeight: number, scrollHeight: number}} view  after it scrolled
   * @param {boolean} ends  whether the end of what can be scrolled is the newest line
   */
  scrolled({ scrollTop, clientHeight, scrollHeight }, ends) {
    if (ends && scrollHeight - scrollTop - clientHeight <= NEAR) this.pin();
    else if (!ends || scrollTop < this.#top) this.leave();
    this.#top = scrollTop;
  }

  /** The reader is at the newest line, by whatever way. */
  pin() {
    this.pinned = true;
  }

  /** The reader is somewhere else. */
  leave() {
    this.pinned = false;
  }

  /** What stays where it is, to the pixel, unless the newest is followed. @param {{part: Element, top: number}|null} part */
  hold(part) {
    this.#held = this.pinned ? null : part;
  }

  /** The reader is led somewhere: nothing is to stay. */
  letGo() {
    this.#held = null;
  }

  /**
   * After something was put in, taken away, or has another height: follows the newest, or brings
   * what is held back to its place.
   *
   * @param {HTMLElement} scroller
   * @param {boolean} ends  as for scrolled()
   * @returns {boolean} whether something is held
   */
  settle(scroller, ends) {
    if (this.pinned) scroller.scrollTop = scroller.scrollHeight;
    else if (this.#held?.part.isConnected) scroller.scrollTop += this.#held.part.getBoundingClientRect().top - this.#held.top;
    // The browser tells only later, and then it could be the reader who moved.
    this.scrolled(scroller, ends);
    return this.#held !== null;
  }

  /**
   * @param {{scrollTop: number, clientHeight: number, scrollHeight: number}} view
   * @returns {-1|0|1} -1 near the upper edge, 1 near the lower one; 0 for whoever follows the newest
   */
  edge({ scrollTop, clientHeight, scrollHeight }) {
    if (this.pinned || clientHeight === 0) return 0;
    if (scrollTop < NEAR_EDGE) return -1;
    return scrollHeight - scrollTop - clientHeight < NEAR_EDGE ? 1 : 0;
  }
}
