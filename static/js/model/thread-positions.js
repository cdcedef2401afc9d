/**
 * How far this browser's reader has read each thread, as the seq of its last reply that was read, and
 * which threads they take part in. Pure except for the browser's storage, which all tabs share.
 *
 * Threads that were never opened count as read up to where the room was when it was first seen.
 *
 * Events: `change`, detail the slug.
 *
 * @typedef {{base: number, at: Record<string, number>, mine: number[]}} Kept
 */

import { recall, remember } from '../lib/storage.js';

const PREFIX = 'threads.';

/** The number of threads of a room to remember. */
const MOST = 200;

export class ThreadPositions extends EventTarget {
  /** @type {Map<string, Kept>} */
  #known = new Map();

  /** @param {string} slug  @param {number} root  @returns {number} */
  of(slug, root) {
    const { base, at } = this.#of(slug);
    return Math.max(base, at[root] ?? 0);
  }

  /** Starts a room that was never seen. @param {string} slug  @param {number} seq  of its newest message */
  begin(slug, seq) {
    if (this.#of(slug).base < 0) this.#change(slug, { base: seq });
  }

  /** @param {string} slug  @param {number} root  @param {number} seq  of a reply that was read */
  read(slug, root, seq) {
    if (seq > this.of(slug, root)) this.#change(slug, { at: { ...this.#of(slug).at, [root]: seq } });
  }

  /** Marks all threads of a room as read. @param {string} slug  @param {number} seq */
  readAll(slug, seq) {
    if (seq > this.#of(slug).base) this.#change(slug, { base: seq });
  }

  /** Lowers the positions to the end of a room, as ReadPositions.atMost does. @param {string} slug  @param {number} seq */
  atMost(slug, seq) {
    const { base, at } = this.#of(slug);
    if (Math.max(base, ...Object.values(at)) > seq) this.#change(slug, { base: Math.min(base, seq), at: {} });
  }

  /** Notes that the reader takes part in a thread. @param {string} slug  @param {number} root */
  join(slug, root) {
    if (!this.takesPart(slug, root)) this.#change(slug, { mine: [...this.#of(slug).mine, root].slice(-MOST) });
  }

  /** @param {string} slug  @param {number} root  @returns {boolean} */
  takesPart(slug, root) {
    return this.#of(slug).mine.includes(root);
  }

  /** Applies a change by another tab. @param {string|null} key  of the storage event */
  changedElsewhere(key) {
    const at = key?.indexOf(`.${PREFIX}`) ?? -1;
    if (at < 0) return;
    const slug = key.slice(at + 1 + PREFIX.length);
    this.#known.delete(slug);
    this.dispatchEvent(new CustomEvent('change', { detail: slug }));
  }

  #of(slug) {
    if (!this.#known.has(slug)) this.#known.set(slug, kept(slug));
    return this.#known.get(slug);
  }

  // Positions that the base covers are dropped.
  #change(slug, what) {
    const now = { ...kept(slug), ...what };
    const ahead = Object.entries(now.at).filter(([, seq]) => seq > now.base).slice(-MOST);
    now.at = Object.fromEntries(ahead);
    this.#known.set(slug, now);
    remember(PREFIX + slug, JSON.stringify(now));
    this.dispatchEvent(new CustomEvent('change', { detail: slug }));
  }
}

/** @returns {Kept} a base of -1 if the room was never seen */
function kept(slug) {
  try {
    const { base, at, mine } = JSON.parse(recall(PREFIX + slug));
    return { base: Number(base), at, mine };
  } catch {
    return { base: -1, at: {}, mine: [] };
  }
}

/** The positions of this browser. */
export const threadPositions = new ThreadPositions();
