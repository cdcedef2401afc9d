/**
 * Knows whether the reader is at the newest line. Pure: it is told what moved, and says what to do.
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
