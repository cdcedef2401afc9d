/**
 * <chat-room>: joins the parts. The two screens (who you are; the room), the connection, and
 * what each must know of the other. It holds who we are and how the connection stands.
 */

import { paintAvatar } from './avatar.js';
import { check, NO_ANSWER } from './check.js';
import { ChatSocket } from './socket.js';
import { remember } from './storage.js';

/** Where css/tokens.css and its neighbours make the side a column. */
const WIDE = '(width >= 768px)';

export class ChatRoom extends HTMLElement {
  #socket = new ChatSocket();
  /** @type {import('./connection-status.js').State} */
  #state = 'disconnected';
  #user = { name: '', age: '' };
  #screens = { join: null, room: null };
  #parts = {};
  #life = new AbortController();

  connectedCallback() {
    this.#life = new AbortController();
    this.#screens = { join: this.querySelector('[data-screen=join]'), room: this.querySelector('[data-screen=room]') };
    this.#parts = {
      join: this.querySelector('join-form'),
      list: this.querySelector('message-list'),
      composer: this.querySelector('message-composer'),
      banner: this.querySelector('connection-banner'),
      side: this.querySelector('.sidebar'),
      button: this.querySelector('[data-action=connection]'),
      clear: this.querySelector('[data-action=clear]'),
    };
    this.#listen(this.#life.signal);
  }

  disconnectedCallback() {
    this.#life.abort();
    this.#socket.disconnect();
  }

  #listen(signal) {
    const { list, side, button, clear } = this.#parts;
    this.addEventListener('join', ({ detail }) => this.#connect(detail), { signal });
    this.addEventListener('reconnect', () => this.#connect(this.#user), { signal });
    this.addEventListener('say', ({ detail }) => this.#say(detail), { signal });
    button.addEventListener('click', () => this.#toggle(), { signal });
    clear.addEventListener('click', () => list.clear(), { signal });
    this.#socket.addEventListener('open', () => this.#opened(), { signal });
    this.#socket.addEventListener('line', ({ detail }) => this.#heard(detail), { signal });
    this.#socket.addEventListener('close', ({ detail }) => this.#closed(detail), { signal });
    // An open drawer would stay above a page that has become wide.
    matchMedia(WIDE).addEventListener('change', () => side.hidePopover(), { signal });
    // Leaving the page is a wish of ours: no browser shall show trouble on the way out.
    window.addEventListener('pagehide', () => this.#socket.disconnect(), { signal });
  }

  async #connect({ name, age }) {
    if (this.#state !== 'disconnected') return;
    this.#become('connecting');
    const room = this.dataset.room;
    const answer = await check({ name, age, room });
    if (this.#life.signal.aborted) return;
    if (!answer || hasAny(answer.errors)) {
      this.#refused(answer);
      return;
    }
    this.#user = { name: answer.name, age: answer.age };
    this.#socket.connect({ ...this.#user, room });
  }

  // Without an answer the room stays, with all that is written in it; with errors only the
  // first screen can mend them.
  #refused(answer) {
    this.#become('disconnected');
    const inRoom = !this.#screens.room.hidden;
    if (!answer && inRoom) {
      this.#parts.banner.unreachable();
      return;
    }
    this.#show('join');
    this.#parts.join.showErrors(answer ? answer.errors : { form: NO_ANSWER });
  }

  #opened() {
    const { list, banner, composer, side } = this.#parts;
    remember('name', this.#user.name);
    remember('age', this.#user.age);
    paintAvatar(side.querySelector('.avatar'), this.#user.name);
    side.querySelector('.me-name').textContent = this.#user.name;
    this.#show('room');
    list.begin();
    banner.hidden = true;
    this.#become('connected');
    composer.focus();
  }

  #heard(heard) {
    const { list, composer } = this.#parts;
    list.add(heard);
    composer.silent = list.silent && heard.live;
  }

  async #closed(close) {
    if (close.opened) {
      this.#become('disconnected');
      this.#parts.banner.closed(close);
      return;
    }
    // Refused after the check: something changed in between, and asking again tells what.
    const answer = close.asked ? null : await check({ ...this.#user, room: this.dataset.room });
    if (this.#life.signal.aborted) return;
    this.#refused(answer && hasAny(answer.errors) ? answer : null);
  }

  #say({ text, sent }) {
    if (!this.#socket.send(text)) return;
    sent();
    this.#parts.list.toNewest();
  }

  #toggle() {
    if (this.#state === 'connected') this.#socket.disconnect();
    else this.#connect(this.#user);
    this.#parts.side.hidePopover();
  }

  // The screen that is not there leaves the page, so that each name and id is there once.
  #show(screen) {
    const { join, room } = this.#screens;
    room.hidden = screen !== 'room';
    if (screen === 'room') join.remove();
    else if (!join.isConnected) room.before(join);
    this.#label();
  }

  /** @param {import('./connection-status.js').State} state */
  #become(state) {
    const { join, banner, composer } = this.#parts;
    this.#state = state;
    for (const status of this.querySelectorAll('connection-status')) status.state = state;
    const busy = state === 'connecting';
    join.busy = busy;
    banner.busy = busy;
    composer.connected = state === 'connected';
    this.#label();
  }

  // One button for both ways, so that the focus stays where it was.
  #label() {
    const { button } = this.#parts;
    const leave = this.#state === 'connected' || this.#screens.room.hidden;
    button.disabled = this.#state === 'connecting';
    button.textContent = leave ? 'Disconnect' : 'Connect';
    button.dataset.testid = leave ? 'disconnect' : 'connect';
    button.classList.toggle('btn-quiet', leave);
    button.classList.toggle('btn-primary', !leave);
  }
}

function hasAny(errors) {
  return Object.keys(errors).length > 0;
}
