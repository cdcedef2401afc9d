/**
 * What the reader does with messages: edits, deletions, reactions, and pins. Each shows at once,
 * and is taken back with a sentence if the server refuses it.
 */

import { rememberEmoji } from '../lib/recent-emoji.js';
import { writtenBy } from '../model/identities.js';
import { isPinned, reacted } from '../model/reactions.js';
import { linkTo } from '../model/room-name.js';
import { isTombstone } from '../model/tombstones.js';
import { hasThread, repliesFor } from './threads.js';
import { say } from '../lib/words.js';

/** The sentence for a change that was taken back. */
const REFUSED = {
  edit: (why) => say('changes.notEdited', { why }),
  delete: (why) => say('changes.notDeleted', { why }),
  react: (why) => say('changes.notReacted', { why }),
  pin: (why) => say('changes.notPinned', { why }),
};

/** The edits that this page opened, whose editor takes the focus; those of an earlier page do not. @type {WeakSet<object>} */
const opened = new WeakSet();

/** Where the focus goes after an edit. @type {WeakMap<object, HTMLElement>} */
const from = new WeakMap();

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @returns {(message: import('../model/room-record.js').Message) => object} how the reader sees a message of
 *   the room that is shown
 */
export function seenBy(chat) {
  const { socket, room } = chat;
  const isMine = writtenBy(socket);
  const replies = repliesFor(chat);
  return (message) => {
    const seen = socket.changing.changes.over(room, message, socket.user);
    return { ...seen, ...(hasThread(message) && { replies: replies(message) }), user: socket.user, mine: isMine(message), leads: Boolean(seen.editing && opened.has(seen.editing)) };
  };
}

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchMessageChanges(chat, signal) {
  const { socket } = chat;
  const on = (target, event, act) => target.addEventListener(event, act, { signal });
  const onMessage = (event, act) => on(chat, event, ({ target, detail }) => {
    const page = pageAt(chat, target);
    const message = messageOf(page, detail.id ?? detail);
    if (message) act(page, message, detail);
  });
  for (const [event, act] of Object.entries(ACTS)) onMessage(event, act);
  on(chat, 'edit-last', ({ target }) => editLast(pageAt(chat, target)));
  onMessage('pick-reaction', ({ list }, { id }) => chat.querySelector('reaction-picker').open(rowOf(list, id)));
  onMessage('copy-link', ({ list }, { id }) => copyLink(chat, rowOf(list, id)));
  on(socket, 'changes', ({ detail: { room } }) => room === chat.room && chat.updateLists());
  on(socket, 'room', ({ detail: { room } }) => rescueEdits(pageAt(chat), room));
  on(socket, 'refusal', ({ detail }) => refused(pageAt(chat), detail));
  on(window, 'pagehide', () => socket.changing.flush());
}

/** The list and the composer that an event belongs to: the room's, or those of the thread beside it. @param {Element} [target] */
function pageAt(chat, target = chat) {
  const place = target.closest('thread-panel') ?? chat;
  return { chat, socket: chat.socket, list: place.querySelector('message-list'), composer: place.querySelector('message-composer') };
}

/** What each event of the list does; its detail is, or has, the id of a message. */
const ACTS = {
  'edit-message': (page, message) => edit(page, message, document.activeElement),
  'edit-input': ({ chat, socket }, { seq }, { text }) => {
    const { changes } = socket.changing;
    const change = editOf(changes, chat.room, seq);
    if (change) changes.set(change.id, { text });
  },
  'save-edit': save,
  'cancel-edit': (page, message) => close(page, message),
  delete: ({ chat, socket }, message) => {
    if (writtenBy(socket)(message)) socket.changing.add(roomOf(chat), message, { cmd: 'delete', state: 'held' });
  },
  'undo-delete': ({ chat, socket }, { seq }) => {
    for (const { id, state } of socket.changing.changes.of(chat.room, seq)) if (state === 'held') socket.changing.withdraw(roomOf(chat), id);
  },
  react: ({ chat, socket }, message, { emoji }) => {
    const on = !reacted(seenBy(chat)(message).reactions, emoji, socket.user);
    if (on) rememberEmoji(emoji);
    socket.changing.add(roomOf(chat), message, { cmd: 'react', emoji, on });
  },
  pin: ({ chat, socket }, message) => {
    socket.changing.add(roomOf(chat), message, { cmd: 'pin', on: !isPinned(seenBy(chat)(message)) });
  },
};

function edit({ chat, socket, list }, message, opener) {
  const mine = writtenBy(socket);
  if (isTombstone(message) || !mine(message)) return;
  const had = editOf(socket.changing.changes, chat.room, message.seq);
  const { text } = seenBy(chat)(message);
  const change = socket.changing.add(roomOf(chat), message, { cmd: 'edit', state: 'open', text: had?.text ?? text, saw: message.text });
  opened.add(change);
  if (opener) from.set(change, opener);
  if (isInView(list, rowOf(list, message.id))) list.update();
  else list.bring(message.id);
}

function isInView(list, row) {
  if (!row) return false;
  const [of, { top, bottom }] = [row.getBoundingClientRect(), list.getBoundingClientRect()];
  return of.top >= top && of.top < bottom;
}

function editLast(page) {
  const { chat, socket, composer } = page;
  const mine = writtenBy(socket);
  const shown = composer.closest('thread-panel') ? chat.thread.record.messages : roomOf(chat).record.mainline;
  const last = shown.findLast((message) => mine(message) && !isTombstone(message) && !seenBy(chat)(message).leaving);
  if (last) edit(page, last, composer);
}

// Keeps what the author decided: their text over the present one, or nothing if it is unchanged.
function save(page, message, { text }) {
  const { chat, socket } = page;
  const change = editOf(socket.changing.changes, chat.room, message.seq);
  if (!change) return;
  if (text === message.text) {
    close(page, message);
    return;
  }
  leave(page, change, message);
  socket.changing.submit(roomOf(chat), change.id, { rev: message.rev, saw: message.text, text });
}

function close(page, message) {
  const { chat, socket } = page;
  const change = editOf(socket.changing.changes, chat.room, message.seq);
  if (!change) return;
  leave(page, change, message);
  socket.changing.withdraw(roomOf(chat), change.id);
}

// Moves the focus out of an editor that is about to disappear, to where it came from.
function leave({ list, composer }, change, { id }) {
  const row = rowOf(list, id);
  if (!row?.contains(document.activeElement)) return;
  if (from.get(change) === composer) composer.focus();
  else row.focus({ preventScroll: true });
}

// Returns the text of an edit to the composer when its message is deleted, so that it is not lost.
function rescueEdits(page, room) {
  const { changes } = page.socket.changing;
  for (const change of changes.in(room)) {
    if (change.cmd !== 'edit' || change.state === 'waiting') continue;
    const message = page.socket.room(room)?.record.messages.find(({ seq }) => seq === change.seq);
    if (!message || !isTombstone(message)) continue;
    changes.remove(change.id);
    refused(page, { room, change, why: say('error.gone') });
  }
}

function refused({ chat, composer }, { room, change, why }) {
  if (change.cmd === 'edit' && change.text !== change.saw) composer.rescue(room, change.text);
  if (room === chat.room) chat.updateLists();
  chat.dispatchEvent(new CustomEvent('complain', { detail: REFUSED[change.cmd](why) }));
}

async function copyLink(chat, row) {
  try {
    await navigator.clipboard.writeText(linkTo(chat.room, row.dataset));
    chat.dispatchEvent(new CustomEvent('complain', { detail: say('message.linkCopied') }));
  } catch {
    // the browser forbids it, or has no clipboard: say nothing rather than a false "copied"
  }
}

const rowOf = (list, id) => list.querySelector(`[data-id="${CSS.escape(id)}"]`);

const editOf = (changes, room, seq) => changes.of(room, seq).find(({ cmd }) => cmd === 'edit');

const roomOf = ({ socket, room }) => socket.room(room);

function messageOf({ chat }, id) {
  return chat.find(id);
}
