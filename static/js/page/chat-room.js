/**
 * <chat-room>: connects the parts of the page with each other: the connection, the list, the
 * composer, the members. It holds which room is shown, which is also the page's address. Signing
 * in and out is in sign-in.js.
 *
 * Everything beyond showing a room (title, notifications, shortcuts…) is in modules of their own,
 * which get this element and listen to it: see connectedCallback.
 *
 * Events: `shown`, when another room is shown, or the same one is shown again; `walk` (cancelable), when
 * Back or Forward stays in the room; `escape` (cancelable), when Esc would mark the room as read.
 */

import { watchAppearance } from './appearance.js';
import { watchRooms } from './other-rooms.js';
import { sockets } from '../lib/base.js';
import { check } from '../net/check.js';
import { watchDialogs } from '../elements/dialogs.js';
import { Drawing } from '../lib/drawing.js';
import { watchFileDrops } from './file-drops.js';
import { SignIn } from './sign-in.js';
import { writtenBy } from '../model/identities.js';
import { watchKeptRooms } from './kept-rooms.js';
import { knownNames, watchNames } from '../model/known-names.js';
import { watchMessageActions } from '../elements/message-actions.js';
import { watchMessageDetails } from './message-details.js';
import { seenBy, watchMessageChanges } from './message-changes.js';
import { watchMessageKeys } from '../elements/message-keys.js';
import { Mainline } from '../model/mainline.js';
import { Notices } from '../model/notices.js';
import { watchPeople } from './people.js';
import { watchPins } from './pins.js';
import { endReply, quoting, watchReplies } from './replies.js';
import { learnAddress, pathOf, roomOf, titleOf } from '../model/room-name.js';
import { readPositions } from '../model/read-positions.js';
import { replyOf } from '../model/room-drafts.js';
import { closeSidebars, watchSidebars } from './sidebars.js';
import { ChatSocket } from '../net/socket.js';
import { watchThreads } from './threads.js';
import { watchTrouble } from './trouble.js';
import { Typing } from '../model/typing.js';
import { say } from '../lib/words.js';

export class ChatRoom extends HTMLElement {
  /** @type {{root: number, record: {messages: import('../model/room-record.js').Message[]}}|null} the thread beside the room */
  thread = null;
  #socket = null;
  #room = '';
  /** @type {Map<string, {notices: Notices, typing: Typing}>} what this tab knows of each room besides the record */
  #seen = new Map();
  /** @type {SignIn|null} */
  #signIn = null;
  #parts = {};
  #life = new AbortController();
  /** @type {{after: number}|null} the read position when the room was opened; null if it was never read */
  #unread = null;
  #drawing = new Drawing(() => this.#drawAround());

  connectedCallback() {
    this.#life = new AbortController();
    this.#socket = new ChatSocket(sockets(location.origin), (who) => check({ ...who, room: this.#room }));
    this.#room = this.dataset.room;
    learnAddress(this.#room, this.dataset.address);
    const part = (name) => this.querySelector(name);
    this.#parts = {
      list: part('message-list'), composer: part('message-composer'), banner: part('connection-banner'),
      rooms: part('room-list'), members: part('member-list'), typing: part('typing-line'), links: part('room-links'),
    };
    this.#signIn = new SignIn(this, this.#life.signal, () => this.#arrived());
    this.#listenToPeople(this.#life.signal);
    this.#listenToServer(this.#life.signal);
    this.#listenToBrowser(this.#life.signal);
    for (const watch of [watchAppearance, watchDialogs, watchFileDrops, watchKeptRooms, watchMessageActions, watchMessageChanges, watchMessageDetails, watchMessageKeys, watchNames, watchPeople, watchPins, watchReplies, watchRooms, watchSidebars, watchThreads, watchTrouble]) watch(this, this.#life.signal);
    this.#signIn.return();
  }

  disconnectedCallback() {
    this.#life.abort();
    this.#socket.disconnect();
    this.#drawing.stop();
  }

  /** @returns {ChatSocket} the connection of this page */
  get socket() {
    return this.#socket;
  }

  /** @returns {string} the slug of the room that is shown */
  get room() { return this.#room; }

  /** Redraws the list of the room, and that of a thread beside it. */
  updateLists() {
    for (const list of this.querySelectorAll('message-list')) list.update();
  }

  /** @param {string} id  @returns {import('../model/room-record.js').Message|undefined} a message of the room, or of the thread beside it */
  find(id) {
    const is = (message) => message.id === id;
    return this.#socket.room(this.#room)?.record.messages.find(is) ?? this.thread?.record.messages.find(is);
  }

  #listenToPeople(signal) {
    const on = (event, act) => this.addEventListener(event, ({ detail }) => act(detail), { signal });
    on('send', (text) => this.#send(text));
    on('mention', (name) => this.#parts.composer.write(`@${name} `));
    on('writing', () => this.#socket.typing(this.#room));
    on('older', () => this.#socket.history(this.#room));
    on('read', (seq) => readPositions.read(this.#room, this.#socket.room(this.#room).record.readTo(seq)));
    on('leave-list', () => this.#parts.composer.focus());
    on('retry', (id) => this.#socket.retry(id));
    on('edit', (id) => this.#edit(id));
    on('discard', (id) => this.#socket.discard(id));
    on('open-room', (slug) => this.open(slug));
    on('list-rooms', (after) => this.#socket.list(after));
    this.querySelector('[data-action=clear]').addEventListener('click', () => this.#clear(), { signal });
  }

  #listenToServer(signal) {
    const on = (event, act) => this.#socket.addEventListener(event, ({ detail }) => act(detail), { signal });
    on('state', () => this.#update());
    on('room', (changed) => this.#changed(changed));
    on('message', ({ room, message }) => this.#received(room, message));
    on('drafts', ({ room }) => this.#changed({ room, mine: true }));
    on('presence', (presence) => this.#cameOrWent(presence));
    on('typing', ({ room, from }) => this.#writes(room, from));
    on('rooms', (page) => this.#parts.rooms.take(page));
  }

  #listenToBrowser(signal) {
    const on = (target, event, act) => target.addEventListener(event, act, { signal });
    on(window, 'popstate', () => this.#walked());
    on(window, 'storage', ({ key }) => this.#storedElsewhere(key));
    on(knownNames, 'change', () => this.#parts.list.update());
  }

  // Rooms

  #arrived() {
    this.#look();
    this.#parts.composer.focus();
  }

  /**
   * Switches to a room.
   *
   * @param {string} slug
   * @param {string|number} [message]  the id or the seq of a message in it to scroll to: see message-links.js
   */
  open(slug, message = '') {
    const { composer } = this.#parts;
    closeSidebars(this);
    const path = typeof message === 'number' ? pathOf(slug, message) : pathOf(slug) + (message && `#${message}`);
    if (slug !== this.#room || message) history.pushState(null, '', path);
    composer.focus();
    if (slug === this.#room) {
      if (message) this.dispatchEvent(new CustomEvent('shown'));
      return;
    }
    this.#room = slug;
    this.#look();
  }

  // Handles Back and Forward. Before sign-in, and for an address that is not a room's, the page is
  // loaded, because only the server can render what it says.
  #walked() {
    const room = roomOf(location.pathname);
    if (!this.#signIn.inside || !room) {
      location.reload();
      return;
    }
    // A thread opens and closes beside the room, whose list stays where it is.
    if (room === this.#room && !this.dispatchEvent(new CustomEvent('walk', { cancelable: true }))) return;
    this.#room = room;
    this.#look();
  }

  // Shows the room, and at once what is already known of it.
  #look() {
    this.#socket.enter(this.#room);
    for (const slug of this.#seen.keys()) if (!this.#socket.room(slug)) this.#seen.delete(slug);
    const { list, typing } = this.#parts;
    this.#reads();
    list.show(() => this.#view());
    typing.show(this.#of(this.#room).typing);
    this.#update();
    this.dispatchEvent(new CustomEvent('shown'));
  }

  #reads() {
    const after = readPositions.of(this.#room);
    this.#unread = after < 0 ? null : { after };
  }

  #of(slug) {
    if (!this.#seen.has(slug)) this.#seen.set(slug, { notices: new Notices(), typing: new Typing() });
    return this.#seen.get(slug);
  }

  /** @returns {import('../elements/message-list.js').View|null} */
  #view() {
    const room = this.#socket.room(this.#room);
    const { user, outbox, state } = this.#socket;
    if (!room || !user) return null;
    return { record: new Mainline(room.record), notices: this.#of(room.slug).notices, drafts: quoting(room.record, outbox.of(room.slug)), unread: this.#unread, me: user.name, id: user.id, isMine: writtenBy(this.#socket), seen: seenBy(this), away: state !== 'connected' };
  }

  // Clears the view of the room. The messages stay on the server, and scrolling up shows them again.
  #clear() {
    this.#of(this.#room).notices.clear();
    this.#unread = null;
    this.#socket.room(this.#room)?.record.trim(0);
    this.#parts.list.begin();
  }

  // Events from the server

  #changed({ room: slug, reset = false, older = false, mine = false }) {
    if (slug !== this.#room) return;
    if (reset) {
      this.#of(slug).notices.clear();
      this.#reads();
      this.#parts.list.begin();
    }
    // The reader waits for these; other people's messages may arrive by the thousand per second.
    if (reset || older || mine) this.#parts.list.update();
    else this.#parts.list.updateCalmly();
    this.#drawing.calmly();
  }

  #received(slug, { from }) {
    this.#of(slug).typing.done(from);
    if (slug === this.#room) this.#parts.typing.update();
  }

  #cameOrWent({ room: slug, joined, left }) {
    const { notices, typing } = this.#of(slug);
    const after = this.#socket.room(slug)?.record.last ?? 0;
    notices.add(after, 'left', left);
    notices.add(after, 'joined', joined);
    for (const name of left) typing.done(name);
    this.#changed({ room: slug });
  }

  // By name, since a name has one holder: a former one, whose node had expired, is disconnected.
  #writes(slug, from) {
    if (from === this.#socket.user.name) return;
    this.#of(slug).typing.received(from, performance.now());
    if (slug === this.#room) this.#parts.typing.update();
  }

  #storedElsewhere(key) {
    this.#socket.outbox?.removedElsewhere(key);
    this.#socket.changing.changedElsewhere(key);
    this.#drawing.calmly();
    this.#parts.list.update();
  }

  #send(text) {
    this.#socket.send(this.#room, text, replyOf(this.#room));
    endReply(this);
    this.#parts.list.toNewest();
  }

  // Returns a draft that can never be sent as it is to the composer. The text is saved there first.
  #edit(id) {
    this.#parts.composer.write(this.#socket.outbox.get(id)?.text ?? '');
    this.#socket.discard(id);
  }

  // The reader's view

  #update() {
    this.#drawAround();
    this.#parts.list.update();
  }

  #drawAround() {
    const { state, user, connection } = this.#socket;
    const room = this.#socket.room(this.#room);
    if (!this.#signIn.inside || !room) return; // a page without the newest messages enters its room only now
    const title = room.title || titleOf(room.slug);
    const { composer, banner, rooms, members, links } = this.#parts;
    links.show(room.slug, title);
    rooms.show(room.slug, this.#socket.rooms);
    banner.show(connection);
    members.show(room.members, user, connection.lostAt);
    this.querySelector('.room-people').textContent = peopleIn(room);
    composer.show(room.slug, title);
    composer.standing = { away: state !== 'connected', silent: room.record.known && room.record.last === 0 };
    const met = room.members.online > 0;
    members.toggleAttribute('data-unknown', !met);
    for (const status of this.querySelectorAll('connection-status')) status.state = met || state !== 'connecting' ? STANDING[state] : 'connecting';
  }
}

const STANDING = { connected: 'connected', connecting: 'reconnecting', waiting: 'reconnecting', disconnected: 'disconnected' };

function peopleIn({ members, record }) {
  if (!record.known || members.online === 0) return '';
  return members.online === 1 ? say('header.onlyYou') : say('header.count', { n: members.online });
}
