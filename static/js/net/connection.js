/**
 * One connection to the server that reconnects after any failure and reports its state. No DOM in
 * here. Of the protocol it knows only `welcome` and `ping`; the rest is in socket.js.
 *
 * Promised: between `welcome` and `lost` commands reach the server in order; after `lost` no event
 * is delivered until the next `welcome`.
 *
 * Events:
 *   state     the state changed: see `state`, `why`, `retryIn`, `lostFor`, `lostAt`
 *   welcome   detail: the event. The connection is up, and the session starts over
 *   received  detail: any other event from the server
 *   lost      detail: { blamed }: the connection is lost. blamed: a sentence if the last command caused it, or ''
 *   refused   detail: { errors, suggestion, another } of check.js. The server does not let this
 *             person in, and there is no retry. Only the server can refuse a person who was
 *             connected; if it cannot be reached, or a proxy answers in its place, retries go on
 *
 * Durations are measured with performance.now(), because people and time servers set the clock.
 *
 * @typedef {'disconnected'|'connecting'|'connected'|'waiting'} State
 */

import { Backoff } from '../lib/backoff.js';
import { NO_ANSWER, UNREACHED } from './check.js';
import { blamesFrame, reconnects, signsOut, whyClosed } from './close-reasons.js';
import { Keepalive } from './keepalive.js';
import { say } from '../lib/words.js';

/** Durations in ms. They are read at each connect. */
export const TIMES = {
  open: 15_000, // until `welcome`; beyond it people think that nothing happens
  beat: 15_000, // from one ping to the next…
  answer: 10_000, // …and until its answer: together less than 30 s, the longest that a dead connection may go unnoticed
  ack: 10_000, // until the server has stored a message; then the draft counts as failed
  undo: 10_000, // for which a deletion can be undone before it is sent
  steady: 10_000, // after this long the connection counts as good, and the next wait is short again
  goingAway: 8_000, // over which reconnects spread, because the server's other clients come back too
};

/**
 * The close codes that the page sends. The server reserves the name for a minute after
 * COMES_BACK, and frees it at once after LEAVES.
 */
export const LEAVES = 1000;
export const COMES_BACK = 4001;

/** The size in bytes of the largest event that the page accepts. */
const FRAME_BYTES = 256_000;

export class Connection extends EventTarget {
  /** @type {State} */
  state = 'disconnected';
  /** Why the last connection ended, a sentence; '' if the page closed it. */
  why = '';
  /** @type {number} since when there has been no connection, in ms since 1970, to be displayed; 0 while there is one */
  lostAt = 0;
  /** Whether something other than the server answered the last attempt, and may require a login. */
  another = false;
  /** Whether this page has ever been connected. */
  reached = false;

  #url;
  #check;
  #who = null;
  /** @type {WebSocket|null} */
  #socket = null;
  #opened = false;
  /** Whether the server has accepted this person before, on this page or an earlier one. */
  #wasIn = false;
  #welcomedAt = 0;
  /** From performance.now(), like the next one. */
  #lostSince = 0;
  #retryAt = 0;
  #backoff = new Backoff();
  #keepalive = null;
  #timer = 0;

  /**
   * @param {string} url  where /chat/{name} is, such as ws://localhost:9090
   * @param {(who: {name: string, age: string|number}) => Promise<import('./check.js').Answer|null>} check
   */
  constructor(url, check) {
    super();
    this.#url = url;
    this.#check = check;
  }

  /** @returns {number} for how long there has been no connection, in ms; 0 while there is one */
  get lostFor() {
    return this.lostAt ? performance.now() - this.#lostSince : 0;
  }

  /** @returns {number} in how many ms the next attempt starts */
  get retryIn() {
    return Math.max(0, this.#retryAt - performance.now());
  }

  /**
   * @param {{name: string, age: string|number}} who  as /check answered
   * @param {boolean} [returning]  whether the server accepted them on an earlier page
   */
  connect(who, returning = false) {
    if (this.state !== 'disconnected') return;
    this.#wasIn = returning || (this.#wasIn && this.#who?.name === who.name);
    this.#who = who;
    this.#backoff.reset();
    this.#open();
  }

  /**
   * Closes the connection. The state changes at once, without waiting for the closing handshake.
   * @param {number} [code]  COMES_BACK if another page continues the session, so that the name is reserved
   */
  disconnect(code = LEAVES) {
    this.#stop('', code);
  }

  /** Retries or pings at once, because the network is back, the page became visible, or the reader asked. */
  wake() {
    if (this.state === 'waiting') this.#open();
    else if (this.state === 'connected') this.#keepalive.now();
  }

  /** @returns {boolean} whether the command was sent */
  command(command) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(command));
    return true;
  }

  #open() {
    this.#drop();
    const { name, age } = this.#who;
    const query = new URLSearchParams({ frame_bytes: String(FRAME_BYTES), ...(age && { age: String(age) }) });
    const socket = new WebSocket(`${this.#url}/chat/${encodeURIComponent(name)}?${query}`, 'chat.v1');
    this.#socket = socket;
    this.#opened = false;
    this.#keepalive = new Keepalive(TIMES, () => this.command({ cmd: 'ping' }), () => this.#ended(socket, 1006, ''));
    this.#timer = setTimeout(() => this.#ended(socket, 1006, '', true), TIMES.open);
    socket.onopen = () => (this.#opened = true);
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#ended(socket, code, reason);
    this.#become('connecting');
  }

  async #ended(socket, code, reason, silent = false) {
    if (socket !== this.#socket) return;
    const opened = this.#opened;
    const steady = this.#welcomedAt > 0 && performance.now() - this.#welcomedAt > TIMES.steady;
    this.#drop();
    if (steady) this.#backoff.reset();
    this.#emit('lost', { blamed: blamesFrame(code) ? whyClosed(code, reason) : '', signedOut: signsOut(code, reason) });
    this.why = opened ? whyClosed(code, reason) : this.why || UNREACHED;
    if ((opened || (silent && this.#wasIn)) && reconnects(code)) {
      this.#reconnect(code === 1001 ? TIMES.goingAway : 0);
      return;
    }
    // A browser does not say why a handshake was refused, so /check is asked first.
    this.#become('connecting');
    const who = this.#who;
    const answer = await this.#check(who);
    if (this.#socket || this.state !== 'connecting' || who !== this.#who) return; // the state changed during the request
    const { form, ...wrong } = answer?.errors ?? {};
    this.another = answer?.another ?? false;
    if (Object.keys(wrong).length > 0) this.#refuse(answer);
    else if (opened) this.#stop(this.why);
    else if (this.#wasIn) {
      this.why = form ?? (answer ? this.why : UNREACHED);
      this.#reconnect(answer ? 0 : TIMES.goingAway); // without an answer, the server is probably gone for its other clients too
    } else this.#refuse({ errors: { form: form ?? (answer ? say('closed.noSocket') : NO_ANSWER) }, suggestion: '', another: this.another });
  }

  #reconnect(spread) {
    const wait = this.#backoff.next(spread);
    this.#retryAt = performance.now() + wait;
    this.#timer = setTimeout(() => this.#open(), wait);
    this.#become('waiting');
  }

  #refuse({ errors, suggestion, another = false }) {
    this.#stop('');
    this.#wasIn = false;
    this.#emit('refused', { errors, suggestion, another });
  }

  #stop(why, code = COMES_BACK) {
    this.#drop(code);
    this.#emit('lost', { blamed: '', signedOut: false });
    this.why = why;
    this.#become('disconnected');
  }

  #drop(code = COMES_BACK) {
    clearTimeout(this.#timer);
    this.#keepalive?.stop();
    const socket = this.#socket;
    this.#socket = null;
    this.#welcomedAt = 0;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code);
  }

  /** @param {State} state */
  #become(state) {
    if (state === 'connected') [this.lostAt, this.why, this.another] = [0, '', false];
    else if (!this.lostAt) [this.lostAt, this.#lostSince] = [Date.now(), performance.now()];
    this.state = state;
    this.#emit('state', {});
  }

  #receive(data) {
    this.#keepalive.received();
    const event = JSON.parse(data);
    if (event.event === 'welcome') this.#welcome(event);
    else this.#emit('received', event);
  }

  #welcome(event) {
    clearTimeout(this.#timer);
    this.#welcomedAt = performance.now();
    this.#wasIn = this.reached = true;
    this.#keepalive.start();
    this.#emit('welcome', event);
    this.#become('connected');
  }

  #emit(event, detail) {
    this.dispatchEvent(new CustomEvent(event, { detail }));
  }
}
