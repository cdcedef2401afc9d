/**
 * What the reader looks up about messages: the earlier texts of one, the pinned ones of the room, and
 * threads.
 */

import { writtenBy } from '../model/identities.js';
import { ThreadBeside } from './thread.js';

/** @type {ThreadBeside} */
let threads;

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 * @param {object} shared  modules of app.js: see message-details.js
 */
export function watchDetails(chat, signal, shared) {
  threads = new ThreadBeside(chat, signal, shared);
  const on = (target, event, act) => target.addEventListener(event, ({ detail }) => act(detail), { signal });
  on(chat, 'purge', ({ id, version }) => purge(chat, id, version));
  watchPins(chat, on);
}

/** @see ThreadBeside.open */
export function openThread(from, what) {
  threads.open(from, what);
}

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {Element} at  the list that has the message
 * @param {string} id   of the message
 */
export function openVersions(chat, at, id) {
  const row = at.querySelector(`[data-id="${CSS.escape(id)}"]`);
  chat.querySelector('message-versions').open(row);
  return showVersions(chat, id);
}

async function showVersions(chat, id) {
  const popover = chat.querySelector('message-versions');
  const { room } = chat;
  const versions = [];
  for (let more = true; more;) {
    const { answer, why } = await chat.socket.ask({ cmd: 'versions', room, seq: messageOf(chat, id).seq, since: versions.at(-1)?.version ?? 0 });
    if (why) popover.show([], false, why);
    if (why) return;
    versions.push(...answer.versions);
    more = answer.more && answer.versions.length > 0;
  }
  const message = messageOf(chat, id);
  if (!message || chat.room !== room) return;
  const { text, at, edited_at: edited = at } = message;
  popover.show([...versions, { text, at: edited }], writtenBy(chat.socket)(message));
}

async function purge(chat, id, version) {
  const { why } = await chat.socket.ask({ cmd: 'purge', room: chat.room, seq: messageOf(chat, id).seq, version });
  if (why) chat.querySelector('message-versions').show([], false, why);
  else await showVersions(chat, id);
}

// The list follows the room while it is open. A pinned message may be too old to be loaded.
function watchPins(chat, on) {
  const list = chat.querySelector('pins-dialog');
  const isOpen = () => list.querySelector('dialog').open;
  let pins = [];
  const show = async () => {
    const { answer, why } = await chat.socket.ask({ cmd: 'pins', room: chat.room });
    pins = answer?.messages ?? [];
    list.show(pins, why);
  };
  on(list, 'show-pins', show);
  on(chat.socket, 'room', ({ room, reset, messages = [] }) => {
    const touched = reset || messages.some(({ id, pinned }) => pinned || pins.some((pin) => pin.id === id));
    if (room === chat.room && isOpen() && touched) show();
  });
  on(list, 'pin', (id) => {
    const pinned = pins.find((message) => message.id === id);
    if (pinned && !messageOf(chat, id)) chat.socket.changing.add(chat.socket.room(chat.room), pinned, { cmd: 'pin', on: false });
  });
}

const messageOf = (chat, id) => chat.find(id);
