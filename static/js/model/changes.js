/**
 * The changes to messages that one user has asked for and the server has not made yet: edits,
 * deletions, reactions, and pins. Pure except for the browser's storage: each change is saved there
 * before it is sent, so it survives a reload and a crash.
 *
 * A message has at most one change of each kind, and of reactions one per emoji: a later one takes
 * the place of an earlier one.
 *
 * @typedef {import('./room-record.js').Message} Message
 * @typedef {{name: string, id?: string}} User
 *
 * @typedef {object} Change
 * @property {string} id
 * @property {string} user    the name of its author: Ann's change is never sent as Bob's
 * @property {string} room
 * @property {'edit'|'delete'|'react'|'pin'} cmd
 * @property {number} seq     of the message
 * @property {number} rev     of the message as its author saw it
 * @property {number} at      when it was made, in ms; changes are sent in this order
 * @property {'open'|'held'|'waiting'|'failed'} state  open: an edit that is being written; held: a
 *   deletion that can still be undone; failed: an edit that was refused, whose text is kept
 * @property {string} why     why an edit was refused, a sentence
 * @property {string} [text]  of an edit
 * @property {string} [saw]   the text that was edited
 * @property {string} [emoji] of a reaction
 * @property {boolean} [on]   of a reaction or a pin
 */

import { keys, recall, remember } from '../lib/storage.js';
import { newId } from '../lib/uuid.js';
import { isTombstone } from './tombstones.js';
import { isPinned, reacted, withPin, withReaction } from './reactions.js';

const PREFIX = 'change.';

export class Changes {
  #user;
  /** @type {Map<string, Change>} in sending order */
  #all = new Map();
  #latest = 0;

  /** @param {string} user  the name as the server writes it */
  constructor(user) {
    this.#user = user;
    const kept = keys(PREFIX).map(read).filter((change) => change?.user === user);
    kept.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
    for (const change of kept) this.#all.set(change.id, change);
    this.#latest = kept.at(-1)?.at ?? 0;
  }

  /**
   * Adds a change in place of an earlier one of the same kind.
   *
   * @param {string} room
   * @param {Message} message  as its author sees it
   * @param {{cmd: Change['cmd'], state?: Change['state'], text?: string, saw?: string, emoji?: string, on?: boolean}} what
   * @returns {Change}
   */
  add(room, { seq, rev }, what) {
    for (const { id, cmd, emoji } of this.of(room, seq)) if (cmd === what.cmd && emoji === what.emoji) this.remove(id);
    this.#latest = Math.max(Date.now(), this.#latest + 1); // also if the clock was set back
    /** @type {Change} */
    const change = { id: newId(), user: this.#user, room, seq, rev, at: this.#latest, state: 'waiting', why: '', ...what };
    this.#all.set(change.id, change);
    this.#keep(change);
    return change;
  }

  /** @param {string} id  @returns {Change|undefined} */
  get(id) {
    return this.#all.get(id);
  }

  /** @returns {Change[]} the changes of a room, in order */
  in(room) {
    return [...this.#all.values()].filter((change) => change.room === room);
  }

  /** @returns {Change[]} the changes of a message, in order */
  of(room, seq) {
    return this.in(room).filter((change) => change.seq === seq);
  }

  /** @returns {Set<string>} the rooms that have changes to send */
  get rooms() {
    return new Set([...this.#all.values()].filter(({ state }) => state === 'waiting' || state === 'held').map(({ room }) => room));
  }

  /** @param {string} id  @param {Partial<Change>} what */
  set(id, what) {
    const change = this.#all.get(id);
    if (change) this.#keep(Object.assign(change, what));
  }

  /** @param {string} id  @returns {Change|undefined} the change, if it was there */
  remove(id) {
    const change = this.#all.get(id);
    this.#all.delete(id);
    if (change) remember(PREFIX + id, '');
    return change;
  }

  /**
   * @param {string} room
   * @param {Message} message  as the server sent it
   * @param {User} me
   * @returns {Message & {editing?: Change, leaving?: Change, changing?: boolean}} how its reader sees it: with
   *   their own changes
   */
  over(room, message, me) {
    if (this.#all.size === 0 || isTombstone(message)) return message;
    return this.of(room, message.seq).reduce((seen, change) => ({ ...seen, ...seenWith(seen, change, me) }), message);
  }

  /**
   * Loads what another tab of the user did to a change. An edit that is being written there stays
   * there, and a change of this tab is not replaced by another one of the same kind.
   *
   * @param {string|null} key  of the storage event
   * @returns {{change?: Change, isNew?: boolean}} the change that is different now, or gone
   */
  changedElsewhere(key) {
    const id = key?.includes(PREFIX) ? key.slice(key.lastIndexOf('.') + 1) : '';
    const had = this.#all.get(id);
    const kept = id ? read(PREFIX + id) : null;
    if (had && !kept) this.#all.delete(id);
    if (!kept || had) return { change: had && kept ? Object.assign(had, kept) : had };
    const { user, room, seq, cmd, emoji, state } = kept;
    const own = this.of(room, seq).some((change) => change.cmd === cmd && change.emoji === emoji);
    if (user !== this.#user || own || (state !== 'waiting' && state !== 'held')) return {};
    this.#all.set(id, kept);
    return { change: kept, isNew: true };
  }

  #keep(change) {
    remember(PREFIX + change.id, JSON.stringify(change));
  }
}

function seenWith(message, change, me) {
  const { cmd, state, text, emoji = '', on = false } = change;
  if (cmd === 'react') return { reactions: withReaction(message.reactions, emoji, on, me) };
  if (cmd === 'pin') return withPin(message, on, me);
  if (cmd === 'delete') return { leaving: change };
  if (state === 'waiting') return { text, html: undefined, changing: true };
  return { editing: change };
}

/**
 * @param {Change} change
 * @param {Message} message  as the server sent it
 * @param {User} me
 * @returns {boolean} whether the message is as the change makes it, or is deleted, so that there is
 *   nothing left to change
 */
export function isMade({ cmd, text, emoji = '', on = false }, message, me) {
  if (isTombstone(message)) return cmd !== 'edit';
  if (cmd === 'edit') return message.text === text;
  if (cmd === 'react') return reacted(message.reactions, emoji, me) === on;
  return cmd === 'pin' && isPinned(message) === on;
}

/** @param {Change} change  @returns {object} the command of chat.v1 that makes it */
export function commandOf({ cmd, room, seq, rev, text, emoji, on }) {
  if (cmd === 'edit') return { cmd, room, seq, text, rev };
  if (cmd === 'react') return { cmd, room, seq, emoji, on };
  return cmd === 'pin' ? { cmd, room, seq, on } : { cmd, room, seq };
}

function read(key) {
  try {
    const { id, user, room, cmd, seq, ...rest } = JSON.parse(recall(key));
    return key === PREFIX + id && typeof seq === 'number' ? { ...rest, id, user, room, cmd, seq } : null;
  } catch {
    return null;
  }
}
