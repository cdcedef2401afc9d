/**
 * The thread beside the room: opens and closes it, by a click, by keyboard, by its address, and by
 * Back; shows it; and handles what its reader does in it. Everything that they do with a message is
 * handled as in the room (message-changes.js).
 */

import { writtenBy } from '../model/identities.js';
import { pathOf, seqOf, titleOf } from '../model/room-name.js';
import { isTombstone } from '../model/tombstones.js';
import { quoteOf } from '../model/room-record.js';
import { ThreadRecord } from '../model/thread-record.js';
import { ThreadSync } from './thread-sync.js';
import { say } from '../lib/words.js';

/** What the address of a root ends in while its thread is open. */
const THREAD = '#thread';

/** Where the panel lies over the room, as in css/thread.css. */
const OVER = '(width < 1100px)';

export class ThreadBeside {
  #chat;
  #shared;
  #signal;
  #panel = null;
  #list = null;
  #composer = null;
  /** @type {ThreadRecord|null} null while no thread is open */
  #record = null;
  #sync = null;
  #room = '';
  #root = 0;
  #after = 0;
  /** @type {HTMLElement|null} what gets the focus back */
  #opener = null;
  #life = new AbortController();

  /**
   * @param {import('./chat-room.js').ChatRoom} chat
   * @param {AbortSignal} signal
   * @param {any} shared  modules of app.js that have state: see message-details.js
   */
  constructor(chat, signal, shared) {
    this.#chat = chat;
    this.#shared = shared;
    this.#signal = signal;
    const on = (target, event, act) => target.addEventListener(event, act, { signal });
    on(chat, 'shown', () => chat.room !== this.#room && this.#close());
    on(chat, 'walk', (event) => this.#walked(event));
    on(chat, 'escape', (event) => this.#record && (event.preventDefault(), this.#leave()));
    on(chat.querySelector('.room'), 'click', ({ target, currentTarget }) => target === currentTarget && this.#leave());
    on(matchMedia(OVER), 'change', () => this.#fold());
    on(chat.socket, 'drafts', ({ detail }) => detail.room === this.#room && this.#draw());
  }

  /**
   * @param {Element} from  what the reader clicked or is at; the chat itself if an address opens the thread
   * @param {{root: number|string, reply?: string, write?: boolean}} what  the seq or the id of the root; the id of a reply to show; whether to write one
   */
  open(from, { root, reply, write = false }) {
    const { room, socket } = this.#chat;
    const first = socket.room(room)?.record.messages.find(({ id, seq }) => id === root || seq === root);
    const seq = first?.thread?.root ?? first?.seq ?? (typeof root === 'number' ? root : 0);
    if (seq === 0) return;
    const opener = openerOf(from, first?.id);
    if (from !== this.#chat) history.pushState({ thread: true }, '', pathOf(room, seq) + THREAD);
    if (this.#record && this.#root === seq && this.#room === room) {
      this.#lead(from, write);
    } else {
      this.#close();
      this.#show(room, seq);
      this.#opener = opener;
      this.#lead(from, write);
    }
    if (reply) this.#reveal(reply);
  }

  #show(room, seq) {
    const { socket } = this.#chat;
    this.#build();
    this.#life = new AbortController();
    [this.#room, this.#root] = [room, seq];
    this.#record = new ThreadRecord(seq);
    this.#chat.thread = { root: seq, record: this.#record };
    this.#after = Math.max(seq, this.#shared.threadPositions.of(room, seq));
    this.#chat.querySelector('.room').append(this.#panel);
    this.#sync = new ThreadSync(this.#chat, { slug: room, seq }, this.#record, (why) => this.#draw(why), this.#life.signal);
    this.#composer.show(this.#place, socket.room(room).title || titleOf(room));
    this.#list.show(() => this.#view());
    this.#showReply();
    this.#fold();
    this.#draw();
    this.#chat.updateLists();
  }

  #close() {
    if (!this.#record) return;
    const inside = this.#panel.contains(document.activeElement);
    this.#life.abort();
    this.#panel.remove();
    this.#record = this.#chat.thread = null;
    this.#fold();
    this.#chat.updateLists();
    if (!inside && document.activeElement !== document.body) return;
    if (this.#opener?.isConnected) this.#opener.focus({ preventScroll: true });
    else this.#chat.querySelector('message-composer').focus();
  }

  // Goes back to the address of the room: by Back, if opening the thread added one.
  #leave() {
    if (!this.#record) return;
    if (history.state?.thread) {
      history.back();
      return;
    }
    history.replaceState(null, '', pathOf(this.#room));
    this.#close();
  }

  // Back and Forward within the room open and close the thread, and leave the room where it is.
  #walked(event) {
    const wanted = location.hash === THREAD ? seqOf(location.pathname) : 0;
    if (!this.#record && !wanted) return;
    event.preventDefault();
    if (wanted) this.open(this.#chat, { root: wanted });
    else this.#close();
  }

  #build() {
    if (this.#panel) return;
    const panel = this.#panel = document.createElement('thread-panel');
    const on = (event, act) => panel.addEventListener(event, (happened) => {
      happened.stopPropagation(); // it is not the room's
      act(happened.detail);
    }, { signal: this.#signal });
    this.#chat.querySelector('.room').append(panel);
    this.#list = panel.querySelector('message-list');
    this.#composer = panel.querySelector('message-composer');
    on('close-thread', () => this.#leave());
    on('leave-list', () => this.#leave());
    on('older', () => this.#sync?.older());
    on('read', (seq) => this.#shared.threadPositions.read(this.#room, this.#root, seq));
    on('send', (text) => this.#send(text));
    on('writing', () => {}); // the protocol has no typing notices of threads
    on('edit', (id) => this.#takeBack(id));
    on('reply', (id) => this.#replyTo(this.#record.messages.find((message) => message.id === id)));
    on('cancel-reply', () => this.#replyTo(null));
    on('open-quote', (seq) => this.#openQuote(seq));
    const log = panel.querySelector('[role=log]');
    this.#shared.watchMessageActions(this.#chat, this.#signal, log);
    this.#shared.watchMessageKeys(this.#chat, this.#signal, log);
  }

  get #place() { return `${this.#room}/${this.#root}`; }

  #view() {
    const { socket } = this.#chat;
    const room = socket.room(this.#room);
    if (!this.#record || !room || !socket.user) return null;
    this.#sync?.merge();
    const record = this.#record;
    const seen = this.#shared.seenBy(this.#chat);
    return {
      record, notices: { groups: [] }, unread: { after: this.#after }, me: socket.user.name, id: socket.user.id, isMine: writtenBy(socket),
      drafts: this.#shared.quoting(record, socket.outbox.of(this.#room, this.#root)), away: socket.state !== 'connected',
      seen: (message) => ({ ...seen(message), thread: undefined, replies: undefined }),
      below: { seq: this.#root, text: say('thread.replies', { n: record.root?.thread?.count ?? 0 }) },
    };
  }

  #draw(why = '') {
    if (!this.#record) return;
    const { socket } = this.#chat;
    const { title, slug } = socket.room(this.#room) ?? { title: '', slug: this.#room };
    this.#panel.show(title || titleOf(slug), this.#record.root?.thread?.count ?? 0);
    const { root } = this.#record;
    this.#composer.hidden = root !== null && isTombstone(root); // the server takes no more replies
    this.#composer.standing = { away: socket.state !== 'connected', silent: false };
    this.#list.updateCalmly();
    if (why) this.#chat.dispatchEvent(new CustomEvent('complain', { detail: why }));
  }

  // While the panel lies over the room, the room can neither be reached nor read.
  #fold() {
    const over = this.#record !== null && matchMedia(OVER).matches;
    for (const part of this.#chat.querySelectorAll('.room > :not(thread-panel)')) part.inert = over;
  }

  #lead(from, write) {
    const byKeyboard = from !== this.#chat && Boolean(document.activeElement?.matches(':focus-visible'));
    if (write) this.#composer.focus();
    if (!this.#panel.contains(document.activeElement) && (byKeyboard || matchMedia(OVER).matches)) this.#panel.focus();
  }

  #send(text) {
    const { socket } = this.#chat;
    socket.send(this.#room, text, this.#shared.replyOf(this.#place), this.#root);
    this.#shared.threadPositions.join(this.#room, this.#root);
    this.#replyTo(null);
    this.#list.toNewest();
  }

  // Returns a draft that can never be sent as it is to the composer. The text is saved there first.
  #takeBack(id) {
    this.#composer.write(this.#chat.socket.outbox.get(id)?.text ?? '');
    this.#chat.socket.discard(id);
  }

  #replyTo(message) {
    if (message && isTombstone(message)) return;
    this.#shared.keepReply(this.#place, message?.seq ?? 0);
    this.#showReply();
    if (message) this.#composer.querySelector('textarea').focus();
  }

  #showReply() {
    const seq = this.#shared.replyOf(this.#place);
    const original = this.#record.messages.find((message) => message.seq === seq);
    this.#panel.querySelector('reply-bar').show(original ? quoteOf(original) : null);
  }

  #openQuote(seq) {
    const original = this.#record.messages.find((message) => message.seq === seq);
    if (original) this.#reveal(original.id);
    else this.#chat.dispatchEvent(new CustomEvent('open-quote', { detail: seq }));
  }

  async #reveal(id) {
    const { signal } = this.#life;
    await this.#list.bring(id);
    if (!signal.aborted) await this.#shared.reveal(this.#list, id, signal);
  }
}

function openerOf(from, id = '') {
  const { activeElement } = document;
  const row = from.closest('[data-id]') ?? from.querySelector(`[data-id="${CSS.escape(id)}"]`);
  return /** @type {HTMLElement|null} */ (activeElement?.matches('.thread-line') ? activeElement : row);
}
