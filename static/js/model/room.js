/**
 * The state of one room on this connection. Pure.
 *
 * @typedef {object} Room
 * @property {string} slug
 * @property {string} title          '' until the server has sent it
 * @property {RoomRecord} record
 * @property {Members} members
 * @property {boolean} here          whether the connection is subscribed to the room
 * @property {string} epoch          the epoch of the record
 * @property {boolean} asked         whether a join awaits its answer
 * @property {boolean} fresh         whether that join requested the newest page
 * @property {number} pages          how many pages were loaded to catch up
 * @property {number} again          the timer of the next join attempt
 * @property {boolean} reaching      whether a request for older messages awaits its answer
 * @property {number} typedAt        when `typing` was last sent, in ms
 *
 * The part of it that is kept for a later page:
 * @typedef {{epoch: string, rev: number, title: string, messages: import('./room-record.js').Message[]}} KeptRoom
 */

import { Members } from './members.js';
import { RoomRecord } from './room-record.js';

/** @param {string} slug  @returns {Room} an empty room */
export function newRoom(slug) {
  return {
    slug, title: '', record: new RoomRecord(), members: new Members(), epoch: '',
    here: false, asked: false, fresh: true, pages: 0, again: 0, reaching: false, typedAt: -Infinity,
  };
}
