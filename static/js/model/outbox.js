/**
 * The drafts of one user that the server has not acknowledged yet. Pure but for the browser's
 * storage, where each is kept before it is sent, so that it survives a reload and a crash.
 *
 * Each draft has a place of its own in the storage: two tabs of one user write beside, not over
 * each other. They may both send a draft; it has one id, so it is one message.
 *
 * @typedef {object} Draft
 * @property {string} id      a UUID; the message will bear it
 * @property {string} user    whose it is: Ann's is never sent as Bob's
 * @property {string} room
 * @property {string} text
 * @property {number} at      when it was written, in ms; drafts leave in this order
 * @property {string} failed  why it was not sent, a sentence for people; '' while it waits
 * @property {boolean} final  whether trying again is of no use
 * @property {boolean} [editable]  whether it was certainly not stored, so that another text may take
 *   its place; as `final` if it is missing, as earlier versions of the page kept drafts
 */

import { named } from '../lib/formats.js';
import { isRoom, LOBBY, meantRoom } from './room-name.js';
import { keys, recall, remember } from '../lib/storage.js';
import { newId } from '../lib/uuid.js';
import { say } from '../lib/words.js';

const PREFIX = 'outbox.';

export class Outbox {
  #user;
  /** @type {Map<string, Draft>} in the order they leave */
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
   * @param {string} room
   * @param {string} text
   * @returns {Draft}
   */
  add(room, text) {
    // A clock that was put back must not put this one before an earlier one.
    this.#latest = Math.max(Date.now(), this.#latest + 1);
    const draft = { id: newId(), user: this.#user, room, text, at: this.#latest, failed: '', final: false };
    this.#drafts.set(draft.id, draft);
    this.#keep(draft);
    return draft;
  }

  /** @returns {Draft[]} what was written in a room, in order */
  in(room) {
    return [...this.#drafts.values()].filter((draft) => draft.room === room);
  }

  /** @returns {Draft|undefined} what is to be sent next in a room */
  next(room) {
    return this.in(room).find((draft) => !draft.failed);
  }

  /** @returns {Set<string>} the rooms in which something waits */
  get rooms() {
    return new Set([...this.#drafts.values()].filter((draft) => !draft.failed).map((draft) => draft.room));
  }

  /** How many there are, in all rooms. */
  get size() {
    return this.#drafts.size;
  }

  /** @returns {Draft|undefined} */
  get(id) {
    return this.#drafts.get(id);
  }

  /**
   * It is a message now, or nobody wants it any more.
   *
   * @param {string} id
   * @returns {Draft|undefined} what it was, if it was ours
   */
  remove(id) {
    const draft = this.#drafts.get(id);
    if (!draft) return undefined;
    this.#drafts.delete(id);
    remember(PREFIX + id, '');
    return draft;
  }

  /**
   * @param {string} id
   * @param {string} why    a sentence for people
   * @param {boolean} final whether trying again is of no use
   * @param {boolean} [editable]
   */
  fail(id, why, final, editable = final) {
    this.#change(id, { failed: why, final, editable });
  }

  /** Lets it leave again, with the same id, before whatever was written after it. */
  retry(id) {
    this.#change(id, { failed: '', final: false, editable: false });
  }

  /** Another tab removed one. @param {string|null} key  of the storage */
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

// Earlier versions of the page took the path of an address for a room. What was written there can
// never be sent, and is shown in the room that was meant, else in the lobby.
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
    return null; // not ours, or half written in a crash
  }
}
