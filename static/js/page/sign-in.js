/**
 * Coming in and going: which of the two screens is there (who you are; the room), and what is
 * done with the connection for it. Whoever was in comes in again, and is asked nothing, until
 * they disconnect or the server refuses them; a server that cannot be reached refuses nobody.
 */

import { paintAvatar } from '../elements/avatar.js';
import { check, NO_ANSWER } from '../net/check.js';
import { COMES_BACK } from '../net/connection.js';
import { firstPaint } from './first-paint.js';
import { named } from '../lib/formats.js';
import { forgetPages } from './offline.js';
import { settings } from '../lib/settings.js';
import { isHere, recall, remember, whoIsHere } from '../lib/storage.js';
import { say } from '../lib/words.js';

export class SignIn {
  #chat;
  #socket;
  #signal;
  #arrived;
  #screens;
  #join;
  #side;
  #button;
  #hung = false;

  /**
   * @param {import('./chat-room.js').ChatRoom} chat
   * @param {AbortSignal} signal   ends it
   * @param {() => void} arrived  called when somebody is in: the room is to be shown
   */
  constructor(chat, signal, arrived) {
    const part = (name) => chat.querySelector(name);
    this.#chat = chat;
    this.#socket = chat.socket;
    this.#signal = signal;
    this.#arrived = arrived;
    this.#screens = { join: part('[data-screen=join]'), room: part('[data-screen=room]') };
    this.#join = part('join-form');
    this.#side = part('.sidebar');
    this.#button = part('[data-action=connection]');
    this.#listen();
  }

  /** @returns {boolean} whether the room is shown, and not the question who one is */
  get inside() {
    return !this.#screens.room.hidden;
  }

  /**
   * To load the page again, or to open it in another tab, is no goodbye: who was in comes back
   * in, and is asked nothing. Their room is shown at once, as the server painted it.
   */
  return() {
    const painted = firstPaint(this.#chat.querySelector('message-list'));
    if (painted) this.#socket.begin(this.#chat.room, painted);
    const who = this.#comingIn();
    if (!who) {
      this.#show('join');
      return;
    }
    this.#socket.connect(who, true);
    this.#arrive(who);
  }

  #listen() {
    const on = (target, event, act) => target.addEventListener(event, act, { signal: this.#signal });
    on(this.#chat, 'join', ({ detail }) => this.#enter(detail));
    on(this.#chat, 'reconnect', () => this.#again());
    on(this.#button, 'click', () => this.#toggle());
    on(this.#socket, 'state', () => this.#stands());
    on(this.#socket, 'refused', ({ detail }) => this.#refused(detail));
    on(window, 'online', () => this.#socket.wake());
    on(document, 'visibilitychange', () => document.hidden || this.#wake());
    on(document, 'resume', () => this.#wake()); // of a tab that the browser had frozen
    // Leaving the page is a wish of ours: no browser shall show trouble on the way out.
    on(window, 'pagehide', () => this.#hangUp());
    on(window, 'pageshow', ({ persisted }) => persisted && this.#hung && this.#again());
  }

  #comingIn() {
    const { me, id = '', age, refused, asks } = this.#chat.dataset;
    if (asks !== undefined || new URLSearchParams(location.search).has('name')) return null;
    const kept = document.documentElement.dataset.kept !== undefined;
    const here = whoIsHere();
    // What a page that was kept says of its reader was so when it was kept.
    if (here !== undefined) return here?.name === refused && !kept ? null : here;
    if (!kept) return me === undefined ? null : { name: me, age, id };
    const told = settings.toldServer();
    return told && { ...told, id: told.name === me ? id : '' };
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
    this.#join.busy = true;
    const answer = await check({ ...who, room: this.#chat.room });
    if (this.#signal.aborted) return;
    if (answer && Object.keys(answer.errors).length === 0) {
      this.#socket.connect({ name: answer.name, age: answer.age });
      return;
    }
    this.#join.busy = false;
    this.#screens.join.hidden = false;
    this.#join.showErrors(answer ? answer.errors : { form: NO_ANSWER }, answer?.suggestion, answer?.another);
    if (!answer) this.#screens.join.querySelector('server-status').lost();
  }

  // Only the first screen can mend what is wrong. What was kept stays: they may come back.
  #refused({ errors, suggestion, another }) {
    this.#show('join');
    this.#join.busy = false;
    this.#join.showErrors({ ...errors, form: [errors.form, this.#waits()].filter(Boolean).join(' ') }, suggestion, another);
  }

  #waits() {
    const { outbox, user } = this.#socket;
    return outbox?.size ? say('join.waits', { n: outbox.size, name: named(user.name) }) : '';
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
    this.#socket.disconnect(COMES_BACK);
  }

  #toggle() {
    if (this.#socket.state === 'disconnected') {
      this.#again();
    } else {
      this.#isHere(null); // first, so that nothing is kept of the connection that ends
      this.#socket.disconnect();
    }
    this.#side.hidePopover();
  }

  #stands() {
    const { state, user } = this.#socket;
    if (state === 'connected' && !this.inside) this.#arrive(user);
    if (state === 'connected') {
      this.#isHere(this.#who);
      this.#socket.list();
    }
    this.#label(state === 'disconnected');
  }

  // One button for both ways, so that the focus stays where it was.
  #label(away) {
    this.#button.textContent = away ? say('foot.connect') : say('foot.disconnect');
    this.#button.dataset.testid = away ? 'connect' : 'disconnect';
    this.#button.classList.toggle('btn-quiet', !away);
    this.#button.classList.toggle('btn-primary', away);
  }

  /** @param {{name: string, age?: string|number, id?: string}} who */
  #arrive({ name, age = '', id = '' }) {
    if (![name, ''].includes(recall('name'))) forgetPages(); // they are of somebody else
    remember('name', name);
    remember('age', age);
    paintAvatar(this.#side.querySelector('.avatar'), name, id);
    this.#side.querySelector('.me-name').textContent = name;
    this.#join.busy = false;
    this.#show('room');
    // A name in the address was to fill in the form: to load the page again is not to ask again.
    if (location.search) history.replaceState(null, '', location.pathname + location.hash);
    this.#arrived();
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
