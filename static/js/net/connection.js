/**
 * One connection to the server that comes back after whatever ends it, and says how it stands.
 * No DOM in here, and nothing of what is spoken but `welcome` and `ping`: that is socket.js.
 *
 * Promised: between `welcome` and `cut` commands reach the server in order; after `cut` nothing
 * is heard until the next `welcome`.
 *
 * Events:
 *   state     it changed: see `state`, `why`, `retryIn`, `lostFor`, `lostAt`
 *   welcome   detail: the event. It stands; whoever wants to speak begins anew
 *   heard     detail: any other event of the server
 *   cut       detail: { blamed }: it is gone. A sentence, if what was sent last is to blame, or ''
 *   refused   detail: { errors, suggestion, another } of check.js. We may not come in; it is not tried again.
 *             Only the server refuses somebody who was in: one that cannot be reached, or a proxy
 *             that answers in its place, is tried again for as long as it takes
 *
 * Durations are measured with performance.now(), because people and time servers set the clock.
 *
 * @typedef {'disconnected'|'connecting'|'connected'|'waiting'} State
 */

import { Backoff } from '../lib/backoff.js';
import { NO_ANSWER, UNREACHED } from './check.js';
import { blamesFrame, comesBack, whyClosed } from './close-reasons.js';
import { Keepalive } from './keepalive.js';
import { say } from '../lib/words.js';

/** How long things may take, in ms. A tab reads them when it connects. */
export const TIMES = {
  open: 15_000, // until the server says welcome: beyond it people think that nothing happens
  beat: 15_000, // from one question whether the connection lives to the next…
  answer: 10_000, // …and its answer: together they stay below the 30 s that a dead one may go unnoticed
  ack: 10_000, // until the server has stored a message: then it is said that it did not
  steady: 10_000, // a connection that stood so long was a good one: the next wait is short again
  goingAway: 8_000, // the server's other browsers come back, too: spread over so long
};

/**
 * The codes of the close frames that we send. The server keeps the name of whoever comes back for
 * a minute, and that of whoever leaves is free at once.
 */
export const LEAVES = 1000;
export const COMES_BACK = 4001;

/** The largest event to ask for, in bytes. */
const FRAME_BYTES = 256_000;

export class Connection extends EventTarget {
  /** @type {State} */
  state = 'disconnected';
  /** Why the last one ended, a sentence; '' if we hung up. */
  why = '';
  /** @type {number} since when there is none, in ms since 1970, for people to read; 0 while there is one */
  lostAt = 0;
  /** Whether something else answered in the server's place the last time, which may want a login. */
  another = false;
  /** Whether this page was ever connected. */
  reached = false;

  #url;
  #check;
  #who = null;
  /** @type {WebSocket|null} */
  #socket = null;
  #opened = false;
  /** Whether the server let this person in before, on this page or an earlier one. */
  #wasIn = false;
  #welcomedAt = 0;
  /** As performance.now() has it, as the next one. */
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

  /** @returns {number} how long there has been none, in ms; 0 while there is one */
  get lostFor() {
    return this.lostAt ? performance.now() - this.#lostSince : 0;
  }

  /** @returns {number} in how many ms it will be tried again */
  get retryIn() {
    return Math.max(0, this.#retryAt - performance.now());
  }

  /**
   * @param {{name: string, age: string|number}} who  as /check answered
   * @param {boolean} [returning]  whether the server let them in on an earlier page
   */
  connect(who, returning = false) {
    if (this.state !== 'disconnected') return;
    this.#wasIn = returning || (this.#wasIn && this.#who?.name === who.name);
    this.#who = who;
    this.#backoff.reset();
    this.#open();
  }

  /**
   * Closes the connection. It is over at once: a server that is slow to answer is not waited for.
   * @param {number} [code]  COMES_BACK if another page goes on: then the name is kept
   */
  disconnect(code = LEAVES) {
    this.#stop('', code);
  }

  /** There is a reason to look now: the network is back, somebody looks at the page, or asks. */
  wake() {
    if (this.state === 'waiting') this.#open();
    else if (this.state === 'connected') this.#keepalive.now();
  }

  /** @returns {boolean} whether the command is on its way */
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
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = ({ code, reason }) => this.#ended(socket, code, reason);
    this.#become('connecting');
  }

  async #ended(socket, code, reason, silent = false) {
    if (socket !== this.#socket) return;
    const opened = this.#opened;
    const steady = this.#welcomedAt > 0 && performance.now() - this.#welcomedAt > TIMES.steady;
    this.#drop();
    if (steady) this.#backoff.reset();
    this.#tell('cut', { blamed: blamesFrame(code) ? whyClosed(code, reason) : '' });
    this.why = opened ? whyClosed(code, reason) : this.why || UNREACHED;
    if ((opened || (silent && this.#wasIn)) && comesBack(code)) {
      this.#comeBack(code === 1001 ? TIMES.goingAway : 0);
      return;
    }
    // A handshake that is refused does not tell a browser why, so the server is asked.
    this.#become('connecting');
    const who = this.#who;
    const answer = await this.#check(who);
    if (this.#socket || this.state !== 'connecting' || who !== this.#who) return; // meanwhile somebody decided otherwise
    const { form, ...wrong } = answer?.errors ?? {};
    this.another = answer?.another ?? false;
    if (Object.keys(wrong).length > 0) this.#refuse(answer);
    else if (opened) this.#stop(this.why);
    else if (this.#wasIn) {
      this.why = form ?? (answer ? this.why : UNREACHED);
      this.#comeBack(answer ? 0 : TIMES.goingAway); // a server that does not answer is gone for others, too
    } else this.#refuse({ errors: { form: form ?? (answer ? say('closed.noSocket') : NO_ANSWER) }, suggestion: '', another: this.another });
  }

  #comeBack(spread) {
    const wait = this.#backoff.next(spread);
    this.#retryAt = performance.now() + wait;
    this.#timer = setTimeout(() => this.#open(), wait);
    this.#become('waiting');
  }

  #refuse({ errors, suggestion, another = false }) {
    this.#stop('');
    this.#wasIn = false;
    this.#tell('refused', { errors, suggestion, another });
  }

  #stop(why, code = COMES_BACK) {
    this.#drop(code);
    this.#tell('cut', { blamed: '' });
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
    this.#tell('state', {});
  }

  #hear(data) {
    this.#keepalive.received();
    const event = JSON.parse(data);
    if (event.event === 'welcome') this.#welcome(event);
    else this.#tell('heard', event);
  }

  #welcome(event) {
    clearTimeout(this.#timer);
    this.#welcomedAt = performance.now();
    this.#wasIn = this.reached = true;
    this.#keepalive.start();
    this.#tell('welcome', event);
    this.#become('connected');
  }

  #tell(event, detail) {
    this.dispatchEvent(new CustomEvent(event, { detail }));
  }
}
