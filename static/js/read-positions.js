/**
 * How far the reader of this browser has read each room: the seq of the last message that they
 * had before their eyes. It grows with what they read. Pure but for the browser's storage, where all tabs of
 * the browser share it.
 *
 * Events: `change`, detail the slug.
 */

import { recall, remember } from './storage.js';

const PREFIX = 'read.';

export class ReadPositions extends EventTarget {
  /**
   * @param {string} slug
   * @returns {number} -1 if nothing of the room was ever read here
   */
  of(slug) {
    const kept = recall(PREFIX + slug);
    return kept === '' ? -1 : Number(kept) || 0;
  }

  /**
   * @param {string} slug
   * @param {number} seq  0 for a room in which nothing was said yet
   */
  read(slug, seq) {
    if (seq <= this.of(slug)) return;
    remember(PREFIX + slug, seq);
    this.#changed(slug);
  }

  /**
   * The room is shorter than what was read: its past is another one.
   *
   * @param {string} slug
   * @param {number} seq
   */
  atMost(slug, seq) {
    if (this.of(slug) <= seq) return;
    remember(PREFIX + slug, seq);
    this.#changed(slug);
  }

  /** As if it was never read here. @param {string} slug */
  forget(slug) {
    remember(PREFIX + slug, '');
    this.#changed(slug);
  }

  /** Another tab wrote. @param {string|null} key  of the storage event */
  changedElsewhere(key) {
    const at = key?.indexOf(`.${PREFIX}`) ?? -1;
    if (at >= 0) this.#changed(key.slice(at + 1 + PREFIX.length));
  }

  #changed(slug) {
    this.dispatchEvent(new CustomEvent('change', { detail: slug }));
  }
}

/** Those of this page. */
export const readPositions = new ReadPositions();
