/**
 * The unsent text of the composer in each room, kept in this browser until it is sent. Pure except
 * for the browser's storage.
 */

import { isRoom, LOBBY, meantRoom } from './room-name.js';
import { keys, recall, remember } from '../lib/storage.js';

const PREFIX = 'draft.';
const READ = 'read.'; // the prefix of read-positions.js

/** The prefix of drafts in threads, whose place is a room, a slash, and the seq of the root. */
const THREAD = 'thread-draft.';

const keyOf = (place) => (place.includes('/') ? THREAD : PREFIX) + place;

/** @param {string} place  a room or a thread  @returns {string} '' if there is no draft */
export const draftOf = (place) => recall(keyOf(place));

/** @param {string} place  @param {string} text  an empty one removes the draft */
export const keepDraft = (place, text) => remember(keyOf(place), text);

const REPLY = 'reply.';

/** @param {string} room  or a thread  @returns {number} the seq of the message that the draft replies to; 0 for none */
export const replyOf = (room) => Number(recall(REPLY + room)) || 0;

/** @param {string} room  @param {number} seq  0 for none */
export const keepReply = (room, seq) => remember(REPLY + room, seq || '');

const OWNER = 'drafts-of';

/**
 * Deletes the drafts of the account that was signed in here before, if it is another one. Those of
 * a guest stay: it may be the same person.
 *
 * @param {string} account  id
 */
export function forgetOthersDrafts(account) {
  if (![account, ''].includes(recall(OWNER))) for (const key of [PREFIX, THREAD, REPLY].flatMap((prefix) => keys(prefix))) remember(key, '');
  remember(OWNER, account);
}

/**
 * Moves texts that earlier versions of the page stored under the path of an address. They are
 * appended to the draft of the room that was meant, or of the lobby.
 */
export function rescueDrafts() {
  for (const key of keys(READ)) if (!isRoom(key.slice(READ.length))) remember(key, '');
  for (const key of keys(PREFIX)) {
    const room = key.slice(PREFIX.length);
    if (isRoom(room)) continue;
    const meant = meantRoom(room) || LOBBY;
    const texts = new Set([draftOf(meant), recall(key)]); // the same text once
    keepDraft(meant, [...texts].filter(Boolean).join('\n'));
    remember(key, '');
  }
}
