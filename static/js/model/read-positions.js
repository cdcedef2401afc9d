/**
 * How far the reader of this browser has read each room: the seq of the last message that they
 * had before their eyes. It grows with what they read. Pure but for the browser's storage, where
 * all tabs of the browser share it; from there it is read once, as it is asked for at each message.
 *
 * Events: `change`, detail the slug.
 */

import { recall, remember } from '../lib/storage.js';

const PREFIX = 'read.';

export class ReadPositions extends EventTarget {
  /** @type {Map<string, number>} what is in the storage, as far as it was asked for */
  #known = new Map();

  /**
   * @param {string} slug
   * @returns {number} -1 if nothing of the room was ever read here
   */
  of(slug) {
    if (!this.#known.has(slug)) this.#known.set(slug, kept(slug));
    return this.#known.get(slug);
  }

  /**
   * @param {string} slug
   * @param {number} seq  0 for a room in which nothing was said yet
   */
  read(slug, seq) {
    // Another tab may have got further just now, and that is not known here yet.
    if (seq <= this.of(slug) || seq <= kept(slug)) return;
    this.#keep(slug, seq);
  }

  /**
   * The room is shorter than what was read: its past is another one.
   *
   * @param {string} slug
   * @param {number} seq
   */
  atMost(slug, seq) {
    if (this.of(slug) > seq) this.#keep(slug, seq);
  }

  /** As if it was never read here. @param {string} slug */
  forget(slug) {
    remember(PREFIX + slug, '');
    this.#known.set(slug, -1);
    this.#changed(slug);
  }

  /** Another tab wrote. @param {string|null} key  of the storage event; null if anything may be another */
  changedElsewhere(key) {
    if (key === null) {
      for (const [slug, had] of this.#known) if (kept(slug) !== had) this.#heard(slug);
      return;
    }
    const at = key.indexOf(`.${PREFIX}`);
    if (at >= 0) this.#heard(key.slice(at + 1 + PREFIX.length));
  }

  #keep(slug, seq) {
    remember(PREFIX + slug, seq);
    this.#known.set(slug, seq);
    this.#changed(slug);
  }

  #heard(slug) {
    this.#known.set(slug, kept(slug));
    this.#changed(slug);
  }

  #changed(slug) {
    this.dispatchEvent(new CustomEvent('change', { detail: slug }));
  }
}

function kept(slug) {
  const seq = recall(PREFIX + slug);
  return seq === '' ? -1 : Number(seq) || 0;
}

/** Those of this page. */
export const readPositions = new ReadPositions();
