/**
 * What the room shows of its threads, whether one is open or not: how many replies are new to the
 * reader, and whether one was not sent. details.js has the thread beside the room.
 */

import { isUser, writtenBy } from '../model/identities.js';
import { isNews } from '../model/list-window.js';
import { isInRoom } from '../model/room-record.js';
import { threadPositions } from '../model/thread-positions.js';

/** The number of messages below which a page of a room is too short to show: most of it are replies. */
const FEW = 20;

/**
 * @param {import('../net/socket.js').ChatSocket} socket
 * @param {string} slug
 * @param {number} seq  of the root
 * @returns {boolean} whether the reader wrote the root or a reply
 */
export function takesPart(socket, slug, seq) {
  if (threadPositions.takesPart(slug, seq)) return true;
  const root = socket.room(slug)?.record.find(seq);
  return root !== undefined && (writtenBy(socket)(root) || (root.thread?.users ?? []).some(({ name, id }) => isUser(socket.user, name, id)));
}

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @returns {(root: import('../model/room-record.js').Message) => import('../model/timeline.js').Row['replies']} for a drawing
 */
export function repliesFor({ socket, room, thread }) {
  const isMine = writtenBy(socket);
  /** @type {Map<number, number>|null} */
  let unseen = null;
  return ({ seq }) => {
    unseen ??= countUnseen(room, socket.room(room).record.messages, isMine);
    const failed = socket.outbox.of(room, seq).some((draft) => draft.failed);
    return { unseen: unseen.get(seq) ?? 0, failed, open: thread?.root === seq };
  };
}

function countUnseen(room, messages, isMine) {
  const unseen = new Map();
  for (const message of messages) {
    const root = message.thread?.root ?? 0;
    if (root > 0 && message.seq > threadPositions.of(room, root) && isNews(message, isMine)) unseen.set(root, (unseen.get(root) ?? 0) + 1);
  }
  return unseen;
}

/**
 * Follows the other tabs, and loads more of a room whose newest messages are nearly all replies.
 *
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchThreads(chat, signal) {
  let cleared = '';
  const on = (target, event, act) => target.addEventListener(event, act, { signal });
  on(window, 'storage', ({ key }) => threadPositions.changedElsewhere(key));
  on(threadPositions, 'change', ({ detail }) => detail === chat.room && chat.updateLists());
  on(chat.querySelector('[data-action=clear]'), 'click', () => (cleared = chat.room));
  on(chat, 'shown', () => (cleared = ''));
  on(chat.socket, 'room', ({ detail: { room } }) => {
    const { messages, mainline, older } = chat.socket.room(room).record;
    if (room === chat.room && room !== cleared && older && mainline.length < Math.min(FEW, messages.length)) chat.socket.history(room);
  });
}

/** @param {import('../model/room-record.js').Message} message  @returns {boolean} whether it has a thread */
export const hasThread = (message) => isInRoom(message) && (message.thread?.count ?? 0) > 0;
