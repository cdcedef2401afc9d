/**
 * Signing in and out: switches between the two screens (the sign-in form and the room) and opens
 * or closes the connection. A person stays signed in across reloads, without a question, until
 * they disconnect or the server refuses them; an unreachable server refuses nobody.
 */

import { paintAvatar } from '../elements/avatar.js';
import { check, NO_ANSWER } from '../net/check.js';
import { COMES_BACK } from '../net/connection.js';
import { firstPaint } from './first-paint.js';
import { named } from '../lib/formats.js';
import { forgetPages } from './offline.js';
import { forgetOthersDrafts } from '../model/room-drafts.js';
import { settings } from '../lib/settings.js';
import { isHere, recall, remember, whoIsHere } from '../lib/storage.js';
import { say } from '../lib/words.js';

/** Deletes the drafts of another account, before anything shows them. */
export function leaveOthersDrafts() {
  const { account, id } = document.querySelector('chat-room')?.dataset ?? {};
  if (account !== undefined && document.documentElement.dataset.kept === undefined) forgetOthersDrafts(id);
}

export class SignIn {
  #chat;
  #socket;
  #signal;
  #arrived;
  #screens;
  #join;
  #side;
  #button;
  #suspended = false;

  /**
   * @param {import('./chat-room.js').ChatRoom} chat
   * @param {AbortSignal} signal   ends it
   * @param {() => void} arrived  called when a person has signed in and the room is to be shown
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

  /** @returns {boolean} whether the room is shown, not the sign-in form */
  get inside() {
    return !this.#screens.room.hidden;
  }

  /**
   * Restores the session after a reload, or in another tab. The server-side render of the room is
   * shown at once; without a session, the sign-in form is.
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
    on(this.#socket, 'refused', ({ detail }) => (this.#account ? location.reload() : this.#refused(detail)));
    on(this.#socket, 'lost', ({ detail }) => detail.signedOut && location.reload());
    on(window, 'online', () => this.#socket.wake());
    on(document, 'visibilitychange', () => document.hidden || this.#wake());
    on(document, 'resume', () => this.#wake()); // from a tab that the browser had frozen
    // Leaving the page closes the connection on purpose, so no error appears on the way out.
    on(window, 'pagehide', () => this.#suspend());
    on(window, 'pageshow', ({ persisted }) => persisted && this.#suspended && this.#again());
  }

  // Whether the server has rendered the page for an account. Its session decides who is here; when
  // it ends, the server answers this address with the sign-in, and afterwards with this room.
  get #account() {
    return this.#chat.dataset.account !== undefined;
  }

  #comingIn() {
    const { me, id = '', age, refused, asks } = this.#chat.dataset;
    if (this.#account && whoIsHere() !== null) return { name: me, age, id };
    if (asks !== undefined || new URLSearchParams(location.search).has('name')) return null;
    const kept = document.documentElement.dataset.kept !== undefined;
    const here = whoIsHere();
    // A kept page has the data of its reader from the time when it was kept.
    if (here !== undefined) return here?.name === refused && !kept ? null : here;
    if (!kept) return me === undefined ? null : { name: me, age, id };
    const stored = settings.readCookie();
    return stored && { ...stored, id: stored.name === me ? id : '' };
  }

  // Records the signed-in person, for this tab and for the server's next first paint. Signing out
  // also deletes the kept pages.
  /** @param {{name: string, age: string|number, id?: string}|null} who  null: signed out */
  #isHere(who) {
    isHere(who);
    settings.writeCookie();
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

  // Shows the sign-in form, where the error can be corrected. Kept pages stay, because the person may return.
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
    this.#suspended = false;
    if (this.#socket.state === 'disconnected') this.#socket.connect(this.#who);
    else this.#socket.wake();
  }

  get #who() {
    const { name, age = '', id = '' } = this.#socket.user;
    return { name, age, id };
  }

  // The page is visible again. Rooms may have been created in the meantime.
  #wake() {
    this.#socket.wake();
    this.#socket.list();
  }

  #suspend() {
    this.#suspended = this.#socket.state !== 'disconnected';
    this.#socket.disconnect(COMES_BACK);
  }

  #toggle() {
    if (this.#socket.state === 'disconnected') {
      this.#again();
    } else {
      this.#isHere(null); // first, so that nothing is kept from the connection that ends
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

  // One button does both, so that it keeps the focus.
  #label(away) {
    this.#button.textContent = away ? say('foot.connect') : say('foot.disconnect');
    this.#button.dataset.testid = away ? 'connect' : 'disconnect';
    this.#button.classList.toggle('btn-quiet', !away);
    this.#button.classList.toggle('btn-primary', away);
  }

  /** @param {{name: string, age?: string|number, id?: string}} who */
  #arrive({ name, age = '', id = '' }) {
    if (![name, ''].includes(recall('name'))) forgetPages(); // those of another person
    remember('name', name);
    remember('age', age);
    paintAvatar(this.#side.querySelector('.avatar'), name, id);
    this.#side.querySelector('.me-name').textContent = name;
    this.#join.busy = false;
    this.#show('room');
    // A name in the address only fills in the form; after a reload it must not ask again.
    if (location.search) history.replaceState(null, '', location.pathname + location.hash);
    this.#arrived();
  }

  // Removes the hidden screen from the document, so that each name and id occurs once.
  #show(screen) {
    const { join, room } = this.#screens;
    room.hidden = screen !== 'room';
    join.hidden = false;
    if (screen === 'room') join.remove();
    else if (!join.isConnected) room.before(join);
  }
}
