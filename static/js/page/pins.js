/**
 * The pinned messages of the room that is shown: how many there are, beside the room's name and in
 * its menu. They are read once for each room, and then follow its changes. pins-dialog.js lists them.
 */

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchPins(chat, signal) {
  const { socket } = chat;
  /** @type {Map<string, object>} the pinned messages of `room`, by id */
  let pins = new Map();
  let room = '';
  const show = () => {
    for (const count of chat.querySelectorAll('.pins-count')) count.textContent = room === chat.room && pins.size > 0 ? String(pins.size) : '';
    chat.querySelector('.room-pins').hidden = room !== chat.room || pins.size === 0;
  };
  const read = async () => {
    const wanted = room = chat.room;
    pins = new Map();
    const { answer } = await socket.ask({ cmd: 'pins', room });
    if (room !== wanted) return;
    if (answer) for (const message of answer.messages) pins.set(message.id, message);
    else room = ''; // it is read again with the next change
    show();
  };
  const follow = ({ detail: { room: slug, reset, messages = [] } }) => {
    if (slug !== chat.room) return;
    if (room !== slug || reset) {
      if (socket.room(slug).here) read();
      return;
    }
    for (const { id, pinned } of messages) if (!pinned) pins.delete(id); else pins.set(id, pinned);
    show();
  };
  socket.addEventListener('room', follow, { signal });
  socket.addEventListener('state', () => socket.state === 'connected' || (room = ''), { signal });
  chat.addEventListener('shown', () => {
    if (socket.room(chat.room)?.here && room !== chat.room) read();
    show();
  }, { signal });
}
