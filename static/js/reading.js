/**
 * Marks the room that is shown as read, once somebody has looked at its newest message for a
 * second: in a tab that is to be seen and has the focus, and with the list at its end.
 */

import { isLooking } from './looking.js';
import { readPositions } from './read-positions.js';

/** So long, in ms, a message is before somebody's eyes until it counts as read. */
const LOOK = 1_000;

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchReading(chat, signal) {
  let seen = '';
  const look = () => {
    const { room } = chat;
    const last = chat.socket.room(room)?.record.last ?? 0;
    const now = isBefore(chat) && last > 0 ? `${room} ${last}` : '';
    if (now !== '' && now === seen) readPositions.read(room, last);
    seen = now;
  };
  const timer = setInterval(look, LOOK);
  signal.addEventListener('abort', () => clearInterval(timer));
}

// Whether the newest message is before somebody's eyes.
function isBefore(chat) {
  const list = chat.querySelector('message-list');
  return isLooking(chat, chat.room) && list.checkVisibility() && !list.hasAttribute('data-away');
}
