/**
 * Replies: which message the composer replies to, in each room, and the way from a quote to its
 * original.
 */

import { keepReply, replyOf } from '../model/room-drafts.js';
import { quoteOf } from '../model/room-record.js';
import { isTombstone } from '../model/tombstones.js';
import { seek } from './message-links.js';

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchReplies(chat, signal) {
  const bar = chat.querySelector('reply-bar');
  const show = () => bar.show(quoteFor(recordOf(chat), replyOf(chat.room)));
  const on = (target, event, act) => target.addEventListener(event, act, { signal });
  on(chat, 'reply', ({ detail: id }) => {
    const message = recordOf(chat)?.messages.find((each) => each.id === id);
    if (!message || isTombstone(message)) return;
    keepReply(chat.room, message.seq);
    show();
    chat.querySelector('message-composer textarea').focus(); // also on a touch screen: they are about to write
  });
  on(chat, 'cancel-reply', () => {
    keepReply(chat.room, 0);
    show();
  });
  on(chat, 'shown', show);
  on(chat.socket, 'room', ({ detail: { room } }) => room === chat.room && replyOf(room) && show());
  on(chat, 'open-quote', ({ detail: seq }) => seek(chat, chat.room, { seq }));
}

/** Forgets the message to reply to, after the reply is in the outbox. @param {import('./chat-room.js').ChatRoom} chat */
export function endReply(chat) {
  keepReply(chat.room, 0);
  chat.querySelector('reply-bar').show(null);
}

/**
 * @param {import('../model/room-record.js').RoomRecord} record
 * @param {import('../model/outbox.js').Draft[]} drafts
 * @returns {object[]} the drafts, with the quotes of those that are replies
 */
export function quoting(record, drafts) {
  return drafts.map((draft) => (draft.reply ? { ...draft, reply_to: quoteFor(record, draft.reply) ?? { seq: draft.reply, text: '' } } : draft));
}

function quoteFor(record, seq) {
  const original = seq && record?.messages.find((message) => message.seq === seq);
  return original ? quoteOf(original) : null;
}

const recordOf = ({ socket, room }) => socket.room(room)?.record;
