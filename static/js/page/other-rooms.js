/**
 * Keeps the list of rooms current: the other rooms, their unread counts, and the ways to switch
 * between them.
 */

import { watchMessageLinks } from './message-links.js';
import { Drawing } from '../lib/drawing.js';
import { watchVisibility, isVisible } from './visibility.js';
import { watchMentions } from './notifier.js';
import { showTitle } from './page-title.js';
import { readPositions } from '../model/read-positions.js';
import { watchRoomKeys } from '../elements/room-keys.js';
import { LOBBY, pathOf, seqOf } from '../model/room-name.js';
import { watchSound } from './sound.js';
import { Unread } from './unread.js';
import { visitedRooms } from '../model/visited-rooms.js';

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchRooms(chat, signal) {
  const unread = new Unread(chat.socket, readPositions, signal);
  watchVisited(chat, signal);
  watchUnread(chat, unread, signal);
  watchMessageLinks(chat, signal);
  watchMentions(chat, unread, signal);
  watchSound(chat, signal);
  watchRoomKeys(chat, unread, signal);
  chat.querySelector('room-switcher').follow(chat, unread, signal);
}

// Stays subscribed to visited rooms until they are left.
function watchVisited(chat, signal) {
  const { socket } = chat;
  chat.addEventListener('shown', () => visitedRooms.visit(chat.room), { signal });
  const attend = () => socket.state === 'connected' && socket.attend(visitedRooms.list);
  const follow = () => {
    attend();
    for (const slug of visitedRooms.left) if (slug !== chat.room) socket.leave(slug);
    chat.querySelector('room-list').show(chat.room, socket.rooms);
  };
  socket.addEventListener('state', attend, { signal });
  socket.addEventListener('renamed', ({ detail }) => move(chat, detail.room), { signal });
  window.addEventListener('storage', ({ key }) => visitedRooms.isKeptAt(key) && follow(), { signal }); // another tab visited or left a room
  chat.addEventListener('leave-room', ({ detail }) => leave(chat, detail), { signal });
}

// A room has another address and title. The page of the shown one is there from now on, as if it
// had been loaded there.
function move(chat, slug) {
  if (slug === chat.room) history.replaceState(null, '', pathOf(slug, seqOf(location.pathname)) + location.search + location.hash);
  chat.socket.list();
}

function leave(chat, slug) {
  if (slug === LOBBY) return;
  if (slug === chat.room) chat.open(LOBBY);
  chat.socket.leave(slug);
  visitedRooms.leave(slug);
  readPositions.forget(slug);
  chat.querySelector('room-list').show(chat.room, chat.socket.rooms);
}

function watchUnread(chat, unread, signal) {
  const list = chat.querySelector('room-list');
  // The room that is in view counts as read, even if its messages have not been visible long enough.
  const standing = (slug) => ({
    ...(isVisible(chat, slug) ? { count: 0, mentions: 0 } : unread.of(slug)),
    failed: chat.socket.outbox?.in(slug).some(({ failed }) => failed) ?? false,
  });
  const show = () => {
    const room = chat.socket.room(chat.room);
    if (!room) return; // on the initial screen the server sets the title
    list.showStandings(standing);
    const seen = isVisible(chat, chat.room) ? unread.of(chat.room).count : 0;
    showTitle(room.slug, room.title, unread.total - seen);
  };
  const drawing = new Drawing(show);
  signal.addEventListener('abort', () => drawing.stop());
  unread.addEventListener('change', () => drawing.calmly(), { signal });
  chat.addEventListener('shown', show, { signal });
  for (const event of ['room', 'renamed']) chat.socket.addEventListener(event, ({ detail }) => detail.reset !== false && drawing.soon(), { signal }); // the room has its title now
  chat.socket.addEventListener('drafts', () => drawing.calmly(), { signal });
  window.addEventListener('storage', ({ key }) => readPositions.changedElsewhere(key), { signal });
  // A page in the back-forward cache misses the storage events of other tabs.
  window.addEventListener('pageshow', ({ persisted }) => persisted && readPositions.changedElsewhere(null), { signal });
  watchVisibility(chat, signal, show);
}
