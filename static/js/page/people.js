/**
 * Shows the card of a person who was clicked in the member list or beside a message. For that it
 * records when people join and leave.
 */

import { isUser } from '../model/identities.js';
import { LastSeen } from '../model/last-seen.js';

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchPeople(chat, signal) {
  const lastSeen = new LastSeen();
  const { socket } = chat;
  const card = chat.querySelector('person-card');
  socket.addEventListener('presence', ({ detail }) => lastSeen.saw(detail.room, detail, Date.now()), { signal });
  socket.addEventListener('state', () => socket.state === 'connected' || card.hidePopover(), { signal });
  chat.addEventListener('shown', () => card.hidePopover(), { signal });
  for (const event of ['person', 'open-person']) {
    chat.addEventListener(event, ({ target, detail }) => card.show(who(chat, detail, lastSeen), opener(target)), { signal });
  }
}

function who({ socket, room }, { name, author = '' }, lastSeen) {
  const { members } = socket.room(room);
  const member = members.list.find((one) => one.name === name && (author.length !== one.id?.length || author === one.id));
  return { name, id: author || member?.id || '', age: member?.age, here: member !== undefined, own: isUser(socket.user, name, author), seen: lastSeen.of(room, name) };
}

// Returns what was clicked if it is visible, to place the card beside it.
function opener(target) {
  if (target instanceof HTMLButtonElement) return target;
  const focused = document.activeElement;
  return focused !== document.body && target.contains(focused) ? focused : null;
}
