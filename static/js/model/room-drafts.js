/**
 * What somebody has begun to write in each room, kept in this browser until it is sent. Pure but
 * for the browser's storage.
 */

import { isRoom, LOBBY, meantRoom } from './room-name.js';
import { keys, recall, remember } from '../lib/storage.js';

const PREFIX = 'draft.';
const READ = 'read.'; // of read-positions.js

/** @param {string} room  @returns {string} '' if nothing was begun there */
export const draftOf = (room) => recall(PREFIX + room);

/** @param {string} room  @param {string} text  an empty one is forgotten */
export const keepDraft = (room, text) => remember(PREFIX + room, text);

/**
 * Earlier versions of the page took the path of an address for a room. What was begun there goes
 * on in the room that was meant, else in the lobby, below what was begun there.
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
