/**
 * The drafts of one user that the server has not acknowledged. Pure except for the browser's
 * storage: each draft is saved there before it is sent, so it survives a reload and a crash.
 *
 * Each draft has a storage key of its own, so two tabs of one user do not overwrite each other.
 * Both tabs may send the same draft; it has one id, so it becomes one message.
 *
 * @typedef {object} Draft
 * @property {string} id      a UUID, which becomes the message's id
 * @property {string} user    the author: Ann's draft is never sent as Bob's
 * @property {string} room
 * @property {string} text
 * @property {number} [reply] the seq of the message that it replies to
 * @property {number} [thread] the seq of the root of the thread that it belongs to
 * @property {import('./room-record.js').Quote} [reply_to] what it quotes, while it is shown
 * @property {number} at      when it was written, in ms; drafts are sent in this order
 * @property {string} failed  why it was not sent, a sentence for people; '' while it waits
 * @property {boolean} final  whether a retry would fail again
 * @property {boolean} [editable]  whether it was certainly not stored, so that an edited text can
 *   replace it; if missing, as in drafts of earlier versions of the page, it equals `final`
 */

import { named } from '../lib/formats.js';
import { isRoom, LOBBY, meantRoom } from './room-name.js';
import { keys, recall, remember } from '../lib/storage.js';
import { newId } from '../lib/uuid.js';
import { say } from '../lib/words.js';

const PREFIX = 'outbox.';

export class Outbox {
  #user;
  /** @type {Map<string, Draft>} in sending order */
  #drafts = new Map();
  #latest = 0;

  /** @param {string} user  the name as the server writes it */
  constructor(user) {
    this.#user = user;
    const kept = keys(PREFIX).map(read).filter((draft) => draft?.user === user).map(sendable);
    kept.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
    for (const draft of kept) this.#drafts.set(draft.id, draft);
    this.#latest = kept.at(-1)?.at ?? 0;
  }

  /**
   * Saves a new draft.
   *
   * @param {string} room
   * @param {string} text
   * @param {number} [reply]   the seq of the message that it replies to; 0 for none
   * @param {number} [thread]  the seq of the root of its thread; 0 for none
   * @returns {Draft}
   */
  add(room, text, reply = 0, thread = 0) {
    // If the clock was set back, the draft must still sort after earlier ones.
    this.#latest = Math.max(Date.now(), this.#latest + 1);
    const draft = { id: newId(), user: this.#user, room, text, at: this.#latest, failed: '', final: false, ...(reply && { reply }), ...(thread && { thread }) };
    this.#drafts.set(draft.id, draft);
    this.#keep(draft);
    return draft;
  }

  /** @returns {Draft[]} the drafts of a room, those in threads included, in order */
  in(room) {
    return [...this.#drafts.values()].filter((draft) => draft.room === room);
  }

  /** @param {string} room  @param {number} [thread]  the seq of a root; 0 for those in no thread  @returns {Draft[]} in order */
  of(room, thread = 0) {
    return this.in(room).filter((draft) => (draft.thread ?? 0) === thread);
  }

  /** @returns {Draft|undefined} the draft to send next in a room */
  next(room) {
    return this.in(room).find((draft) => !draft.failed);
  }

  /** @returns {Set<string>} the rooms that have drafts */
  get rooms() {
    return new Set([...this.#drafts.values()].filter((draft) => !draft.failed).map((draft) => draft.room));
  }

  /** The number of drafts in all rooms. */
  get size() {
    return this.#drafts.size;
  }

  /** @returns {Draft|undefined} */
  get(id) {
    return this.#drafts.get(id);
  }

  /**
   * Removes a draft that became a message or was discarded.
   *
   * @param {string} id
   * @returns {Draft|undefined} the draft, if it was in this outbox
   */
  remove(id) {
    const draft = this.#drafts.get(id);
    if (!draft) return undefined;
    this.#drafts.delete(id);
    remember(PREFIX + id, '');
    return draft;
  }

  /**
   * Marks a draft as failed.
   *
   * @param {string} id
   * @param {string} why    a sentence for people
   * @param {boolean} final whether a retry would fail again
   * @param {boolean} [editable]
   */
  fail(id, why, final, editable = final) {
    this.#change(id, { failed: why, final, editable });
  }

  /** Queues a failed draft again with the same id, before drafts that were written later. */
  retry(id) {
    this.#change(id, { failed: '', final: false, editable: false });
  }

  /** Forgets a draft that another tab removed. @param {string|null} key  of the storage */
  removedElsewhere(key) {
    if (key && recallGone(key)) this.#drafts.delete(idOf(key));
  }

  #change(id, what) {
    const draft = this.#drafts.get(id);
    if (draft) this.#keep(Object.assign(draft, what));
  }

  #keep(draft) {
    remember(PREFIX + draft.id, JSON.stringify(draft));
  }
}

// Earlier versions of the page used the path of an address as the room. A draft with such a room
// could never be sent, so it moves to the room that was meant, or to the lobby.
function sendable(draft) {
  if (isRoom(draft.room)) return draft;
  const meant = meantRoom(draft.room) || LOBBY;
  return { ...draft, room: meant, failed: say('outbox.badRoom', { room: named(draft.room) }), final: true };
}

function idOf(key) {
  return key.slice(key.lastIndexOf('.') + 1);
}

function recallGone(key) {
  return key.includes(PREFIX) && recall(PREFIX + idOf(key)) === '';
}

function read(key) {
  try {
    return JSON.parse(recall(key));
  } catch {
    return null; // not a draft, or half written in a crash
  }
}
