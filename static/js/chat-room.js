/**
 * <chat-room>: joins the parts. The two screens (who you are; the room), the connection, and
 * what each must know of the other. It holds which room is shown; its address is the page's.
 *
 * What the page does beside showing a room (its title, notifications, shortcuts…) stands in
 * modules of its own, which are given this element and listen: see connectedCallback.
 *
 * Events: `shown`, when another room is shown, or the same one anew.
 */

import { watchAppearance } from './appearance.js';
import { watchRooms } from './around-rooms.js';
import { paintAvatar } from './avatar.js';
import { check, NO_ANSWER } from './check.js';
import { watchDialogs } from './dialogs.js';
import { Drawing } from './drawing.js';
import { firstPaint } from './first-paint.js';
import { watchMessageActions } from './message-actions.js';
import { Notes } from './notes.js';
import { forgetPages } from './offline.js';
import { watchPeople } from './people.js';
import { pathOf, roomOf, titleOf } from './room-name.js';
import { readPositions } from './read-positions.js';
import { ChatSocket } from './socket.js';
import { settings } from './settings.js';
import { isHere, recall, remember, whoIsHere } from './storage.js';
import { Typing } from './typing.js';
import { say } from './words.js';

/** Where css/tokens.css and its neighbours make the sides columns. */
const WIDE = '(width >= 768px)';
const WIDEST = '(width >= 1100px)';

/** Trouble with a command is said so long, in ms. */
const SAID_FOR = 8_000;

export class ChatRoom extends HTMLElement {
  #socket = null;
  #room = '';
  /** @type {Map<string, {notes: Notes, typing: Typing}>} what this tab knows of rooms beside the record */
  #seen = new Map();
  #screens = { join: null, room: null };
  #parts = {};
  #life = new AbortController();
  /** @type {{after: number}|null} up to where the room was read when it was entered; null if it never was */
  #unread = null;
  #hung = false;
  #trouble = 0;
  #drawing = new Drawing(() => this.#drawAround());

  connectedCallback() {
    this.#life = new AbortController();
    this.#socket = new ChatSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`,
      (who) => check({ ...who, room: this.#room }));
    this.#room = this.dataset.room;
    this.#screens = { join: this.querySelector('[data-screen=join]'), room: this.querySelector('[data-screen=room]') };
    const part = (name) => this.querySelector(name);
    this.#parts = {
      join: part('join-form'), list: part('message-list'), composer: part('message-composer'), banner: part('connection-banner'),
      rooms: part('room-list'), members: part('member-list'), typing: part('typing-line'), links: part('room-links'),
      side: part('.sidebar'), people: part('.people'), button: part('[data-action=connection]'), trouble: part('.trouble'),
    };
    this.#listenToPeople(this.#life.signal);
    this.#listenToServer(this.#life.signal);
    this.#listenToBrowser(this.#life.signal);
    for (const watch of [watchAppearance, watchDialogs, watchMessageActions, watchPeople, watchRooms]) watch(this, this.#life.signal);
    this.#fold();
    this.#return();
  }

  disconnectedCallback() {
    this.#life.abort();
    this.#socket.disconnect();
    this.#drawing.stop();
    clearTimeout(this.#trouble);
  }

  /** @returns {ChatSocket} the connection of this page */
  get socket() {
    return this.#socket;
  }

  /** @returns {string} the slug of the room that is shown */
  get room() {
    return this.#room;
  }

  #listenToPeople(signal) {
    const on = (event, act) => this.addEventListener(event, ({ detail }) => act(detail), { signal });
    on('join', (who) => this.#enter(who));
    on('reconnect', () => this.#again());
    on('say', (text) => this.#say(text));
    on('mention', (name) => this.#parts.composer.write(`@${name} `));
    on('writing', () => this.#socket.typing(this.#room));
    on('older', () => this.#socket.history(this.#room));
    on('read', (seq) => readPositions.read(this.#room, seq));
    on('leave-list', () => this.#parts.composer.focus());
    on('retry', (id) => this.#socket.retry(id));
    on('discard', (id) => this.#socket.discard(id));
    on('open-room', (slug) => this.open(slug));
    on('complain', (sentence) => this.#complain(sentence));
    on('list-rooms', (after) => this.#socket.list(after));
    this.#parts.button.addEventListener('click', () => this.#toggle(), { signal });
    this.querySelector('[data-action=clear]').addEventListener('click', () => this.#clear(), { signal });
  }

  #listenToServer(signal) {
    const on = (event, act) => this.#socket.addEventListener(event, ({ detail }) => act(detail), { signal });
    on('state', () => this.#stands());
    on('refused', (answer) => this.#refused(answer));
    on('room', (changed) => this.#changed(changed));
    on('message', ({ room, message }) => this.#heard(room, message));
    on('drafts', ({ room }) => this.#changed({ room, mine: true }));
    on('presence', (presence) => this.#cameOrWent(presence));
    on('typing', ({ room, from }) => this.#writes(room, from));
    on('rooms', (page) => this.#parts.rooms.take(page));
    on('trouble', ({ message }) => this.#complain(message));
  }

  #listenToBrowser(signal) {
    const on = (target, event, act) => target.addEventListener(event, act, { signal });
    on(window, 'popstate', () => this.#walked());
    on(window, 'online', () => this.#socket.wake());
    on(document, 'visibilitychange', () => document.hidden || this.#wake());
    on(this.#parts.side, 'toggle', ({ newState }) => newState === 'open' && this.#socket.list());
    // Leaving the page is a wish of ours: no browser shall show trouble on the way out.
    on(window, 'pagehide', () => this.#hangUp());
    on(window, 'pageshow', ({ persisted }) => persisted && this.#hung && this.#again());
    on(window, 'storage', ({ key }) => this.#storedElsewhere(key));
    on(matchMedia(WIDE), 'change', () => this.#fold());
    on(matchMedia(WIDEST), 'change', () => this.#fold());
  }

  // Coming in and going

  // To load the page again, or to open it in another tab, is no goodbye: who was in comes back
  // in, and is asked nothing. Their room is shown at once, as the server painted it.
  #return() {
    const painted = firstPaint(this.#parts.list);
    if (painted) this.#socket.begin(this.#room, painted);
    const who = this.#comingIn();
    if (!who) {
      this.#show('join');
      return;
    }
    this.#socket.connect(who);
    this.#arrive(who);
  }

  #comingIn() {
    const { me, id, age, refused, asks } = this.dataset;
    const here = whoIsHere();
    if (asks !== undefined) return null;
    if (here === undefined) return me === undefined ? null : { name: me, age, id };
    return here?.name === refused ? null : here;
  }

  // Who is here now, for this tab and for the server's next first paint. Whoever leaves leaves
  // no pages behind.
  /** @param {{name: string, age: string|number, id?: string}|null} who  null: nobody any more */
  #isHere(who) {
    isHere(who);
    settings.tellServer();
    if (!who) forgetPages();
  }

  async #enter(who) {
    const { join } = this.#parts;
    join.busy = true;
    const answer = await check({ ...who, room: this.#room });
    if (this.#life.signal.aborted) return;
    if (answer && Object.keys(answer.errors).length === 0) {
      this.#socket.connect({ name: answer.name, age: answer.age });
      return;
    }
    join.busy = false;
    this.#screens.join.hidden = false;
    join.showErrors(answer ? answer.errors : { form: NO_ANSWER }, answer?.suggestion);
  }

  // Only the first screen can mend what is wrong.
  #refused({ errors, suggestion }) {
    this.#isHere(null);
    this.#show('join');
    const { join } = this.#parts;
    join.busy = false;
    join.showErrors(errors, suggestion);
  }

  #again() {
    this.#hung = false;
    if (this.#socket.state === 'disconnected') this.#socket.connect(this.#who);
    else this.#socket.wake();
  }

  get #who() {
    const { name, age = '', id = '' } = this.#socket.user;
    return { name, age, id };
  }

  // Somebody looks at the page again: others may have opened rooms meanwhile.
  #wake() {
    this.#socket.wake();
    this.#socket.list();
  }

  #hangUp() {
    this.#hung = this.#socket.state !== 'disconnected';
    this.#socket.disconnect();
  }

  #toggle() {
    if (this.#socket.state === 'disconnected') {
      this.#again();
    } else {
      this.#socket.disconnect();
      this.#isHere(null);
    }
    this.#parts.side.hidePopover();
  }

  #stands() {
    const { state, user } = this.#socket;
    if (state === 'connected' && this.#screens.room.hidden) this.#arrive(user);
    if (state === 'connected') {
      this.#isHere(this.#who);
      this.#socket.list();
    }
    this.#update();
  }

  /** @param {{name: string, age?: string|number, id?: string}} who */
  #arrive({ name, age = '', id = '' }) {
    if (![name, ''].includes(recall('name'))) forgetPages(); // they are of somebody else
    remember('name', name);
    remember('age', age);
    const { side, composer, join } = this.#parts;
    paintAvatar(side.querySelector('.avatar'), name, id);
    side.querySelector('.me-name').textContent = name;
    join.busy = false;
    this.#show('room');
    // A name in the address was to fill in the form: to load the page again is not to ask again.
    if (location.search) history.replaceState(null, '', location.pathname + location.hash);
    this.#look();
    composer.focus();
  }

  // Rooms

  /**
   * Goes to a room.
   *
   * @param {string} slug
   * @param {string} [id]  of a message there, to which one is led: see addresses.js
   */
  open(slug, id = '') {
    const { side, people, composer } = this.#parts;
    side.hidePopover();
    people.hidePopover();
    if (slug !== this.#room || id) history.pushState(null, '', pathOf(slug) + (id && `#${id}`));
    composer.focus();
    if (slug === this.#room) {
      if (id) this.dispatchEvent(new CustomEvent('shown'));
      return;
    }
    this.#room = slug;
    this.#look();
  }

  // Back and Forward. What the first screen says of the room only the server can say.
  #walked() {
    if (this.#screens.room.hidden) {
      location.reload();
      return;
    }
    this.#room = roomOf(location.pathname);
    this.#look();
  }

  // Shows the room; whatever is known of it from before is there at once.
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
    if (!this.#seen.has(slug)) this.#seen.set(slug, { notes: new Notes(), typing: new Typing() });
    return this.#seen.get(slug);
  }

  /** @returns {import('./message-list.js').View|null} */
  #view() {
    const room = this.#socket.room(this.#room);
    const { user, outbox, state } = this.#socket;
    if (!room || !user) return null;
    return { record: room.record, notes: this.#of(room.slug).notes, drafts: outbox.in(room.slug), unread: this.#unread, me: user.name, away: state !== 'connected' };
  }

  // Empties the view, and nothing else: what was said can be read again from the top.
  #clear() {
    this.#of(this.#room).notes.clear();
    this.#unread = null;
    this.#socket.room(this.#room)?.record.trim(0);
    this.#parts.list.begin();
  }

  // What is heard

  #changed({ room: slug, reset = false, older = false, mine = false }) {
    if (slug !== this.#room) return;
    if (reset) {
      this.#of(slug).notes.clear();
      this.#reads();
      this.#parts.list.begin();
    }
    // Somebody waits for it; but of what others say thousands a second may be heard.
    if (reset || older || mine) this.#parts.list.update();
    else this.#parts.list.hear();
    this.#drawing.calmly();
  }

  #heard(slug, { from }) {
    this.#of(slug).typing.done(from);
    if (slug === this.#room) this.#parts.typing.update();
  }

  #cameOrWent({ room: slug, joined, left }) {
    const { notes, typing } = this.#of(slug);
    const after = this.#socket.room(slug)?.record.last ?? 0;
    notes.add(after, 'left', left);
    notes.add(after, 'joined', joined);
    for (const name of left) typing.done(name);
    this.#changed({ room: slug });
  }

  #writes(slug, from) {
    if (from === this.#socket.user.name) return;
    this.#of(slug).typing.heard(from, performance.now());
    if (slug === this.#room) this.#parts.typing.update();
  }

  #storedElsewhere(key) {
    this.#socket.outbox?.removedElsewhere(key);
    this.#drawing.calmly();
    this.#parts.list.update();
  }

  #say(text) {
    this.#socket.send(this.#room, text);
    this.#parts.list.toNewest();
  }

  // What is seen

  #update() {
    this.#drawAround();
    this.#parts.list.update();
  }

  #drawAround() {
    if (this.#screens.room.hidden) return;
    const { state, user, lostAt } = this.#socket;
    const room = this.#socket.room(this.#room);
    const title = room.title || titleOf(room.slug);
    const { composer, banner, rooms, members, links } = this.#parts;
    links.show(room.slug, title);
    rooms.show(room.slug, this.#socket.rooms);
    banner.show(this.#socket);
    members.show(room.members, user.name, lostAt);
    this.querySelector('.room-people').textContent = peopleIn(room);
    composer.show(room.slug, title);
    composer.standing = { away: state !== 'connected', silent: room.record.known && room.record.last === 0 };
    const met = room.members.online > 0;
    members.toggleAttribute('data-unknown', !met);
    for (const status of this.querySelectorAll('connection-status')) status.state = met || state !== 'connecting' ? STANDING[state] : 'connecting';
    this.#label(state === 'disconnected');
  }

  // One button for both ways, so that the focus stays where it was.
  #label(away) {
    const { button } = this.#parts;
    button.textContent = away ? say('foot.connect') : say('foot.disconnect');
    button.dataset.testid = away ? 'connect' : 'disconnect';
    button.classList.toggle('btn-quiet', !away);
    button.classList.toggle('btn-primary', away);
  }

  // A command that could not be done: said for a while, at the place of who is typing.
  #complain(message) {
    const { trouble } = this.#parts;
    trouble.textContent = message;
    clearTimeout(this.#trouble);
    this.#trouble = setTimeout(() => (trouble.textContent = ''), SAID_FOR);
  }

  // On a phone both sides are in one drawer. An open one would stay above a page that has become wide.
  #fold() {
    const { side, people, members } = this.#parts;
    side.hidePopover();
    people.hidePopover();
    (matchMedia(WIDE).matches ? people : side.querySelector('.sidebar-people')).append(members);
  }

  // The screen that is not there leaves the page, so that each name and id is there once.
  #show(screen) {
    const { join, room } = this.#screens;
    room.hidden = screen !== 'room';
    join.hidden = false;
    if (screen === 'room') join.remove();
    else if (!join.isConnected) room.before(join);
  }
}

const STANDING = { connected: 'connected', connecting: 'reconnecting', waiting: 'reconnecting', disconnected: 'disconnected' };

function peopleIn({ members, record }) {
  if (!record.known || members.online === 0) return '';
  return members.online === 1 ? say('header.onlyYou') : say('header.count', { n: members.online });
}
