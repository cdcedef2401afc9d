/**
 * A room as the connection knows it. Pure.
 *
 * @typedef {object} Room
 * @property {string} slug
 * @property {string} title          '' until the server said it
 * @property {RoomRecord} record
 * @property {Members} members
 * @property {boolean} here          whether the server counts us in, on this connection
 * @property {string} epoch          of what the record holds
 * @property {boolean} asked         whether a join is unanswered
 * @property {boolean} fresh         whether it asked for the newest page
 * @property {number} pages          that were read to come back
 * @property {number} again          timer of the next try to come in
 * @property {boolean} reaching      whether older messages are on their way
 * @property {number} typedAt        when we told that we write, in ms
 *
 * What a later page is given of it:
 * @typedef {{epoch: string, rev: number, title: string, messages: import('./room-record.js').Message[]}} KeptRoom
 */

import { Members } from './members.js';
import { RoomRecord } from './room-record.js';

/** @param {string} slug  @returns {Room} of which nothing is known */
export function newRoom(slug) {
  return {
    slug, title: '', record: new RoomRecord(), members: new Members(), epoch: '',
    here: false, asked: false, fresh: true, pages: 0, again: 0, reaching: false, typedAt: -Infinity,
  };
}
