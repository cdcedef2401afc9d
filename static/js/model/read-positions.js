/**
 * The read position of each room in this browser: the seq of the last message that the reader has
 * seen. It only grows by reading. Pure except for the browser's storage, which all tabs of the
 * browser share; each position is loaded once, because it is needed for every message.
 *
 * Events: `change`, detail the slug.
 */

import { recall, remember } from '../lib/storage.js';

const PREFIX = 'read.';

export class ReadPositions extends EventTarget {
  /** @type {Map<string, number>} positions loaded from the storage */
  #known = new Map();

  /**
   * @param {string} slug
   * @returns {number} -1 if the room was never read in this browser
   */
  of(slug) {
    if (!this.#known.has(slug)) this.#known.set(slug, kept(slug));
    return this.#known.get(slug);
  }

  /**
   * Advances the read position of a room.
   *
   * @param {string} slug
   * @param {number} seq  0 for a room without messages
   */
  read(slug, seq) {
    // Another tab may have read further, and its storage event may not have arrived yet.
    if (seq <= this.of(slug) || seq <= kept(slug)) return;
    this.#keep(slug, seq);
  }

  /**
   * Lowers the read position to the end of a room that is shorter than what was read, for example
   * after the server's database was restored.
   *
   * @param {string} slug
   * @param {number} seq
   */
  atMost(slug, seq) {
    if (this.of(slug) > seq) this.#keep(slug, seq);
  }

  /** Forgets the read position of a room. @param {string} slug */
  forget(slug) {
    remember(PREFIX + slug, '');
    this.#known.set(slug, -1);
    this.#changed(slug);
  }

  /** Applies a change by another tab. @param {string|null} key  of the storage event; null if any key may have changed */
  changedElsewhere(key) {
    if (key === null) {
      for (const [slug, had] of this.#known) if (kept(slug) !== had) this.#reload(slug);
      return;
    }
    const at = key.indexOf(`.${PREFIX}`);
    if (at >= 0) this.#reload(key.slice(at + 1 + PREFIX.length));
  }

  #keep(slug, seq) {
    remember(PREFIX + slug, seq);
    this.#known.set(slug, seq);
    this.#changed(slug);
  }

  #reload(slug) {
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

/** The read positions of this browser. */
export const readPositions = new ReadPositions();
