/**
 * Knows whether the reader is at the newest line, and how much was said since they left it.
 * Pure: it is told what moved, and says what to do.
 *
 * Only the reader can leave the end, by going up. A list that grows, or shrinks under an open
 * keyboard, is farther from its end than before without anybody having moved.
 */

/** So near to the end, in px, still counts as being there. */
const NEAR = 100;

export class ScrollKeeper {
  /** Whether new lines are to be followed. */
  pinned = true;
  /** What was said since the reader went up. */
  unseen = 0;
  #top = 0;

  /** @param {{scrollTop: number, clientHeight: number, scrollHeight: number}} view  after it scrolled */
  scrolled({ scrollTop, clientHeight, scrollHeight }) {
    if (scrollHeight - scrollTop - clientHeight <= NEAR) this.pin();
    else if (scrollTop < this.#top) this.pinned = false;
    this.#top = scrollTop;
  }

  /** Something was said. */
  said() {
    if (!this.pinned) this.unseen++;
  }

  /** The reader is at the newest line, by whatever way. */
  pin() {
    this.pinned = true;
    this.unseen = 0;
  }
}
