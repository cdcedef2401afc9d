/**
 * One connection to one room. No DOM in here.
 *
 * Promised: after connect() there is exactly one `close`, and no `line` comes after it.
 *
 * Events:
 *   open   the connection stands; the lines of the history come next
 *   line   detail: Line, and `live` (it was said now, not before we came) and `own` (our own joining)
 *   close  detail: { code, reason, asked (we hung up), opened (it had stood) }
 */

import { parseLine } from './lines.js';

/** How many messages of the past a newcomer gets to read. */
const HISTORY = 50;

/** How long the server may take to answer, in ms: beyond it people think that nothing happens. */
const OPEN_WAIT = 15_000;

export class ChatSocket extends EventTarget {
  /** @type {WebSocket|null} */
  #socket = null;
  #opened = false;
  #live = false;
  #timer = 0;

  /** @param {{name: string, age: string|number, room: string}} who  as /check answered */
  connect({ name, age, room }) {
    this.#drop(1000);
    const query = new URLSearchParams({ room, history: String(HISTORY) });
    if (age) query.set('age', String(age));
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/chat/${encodeURIComponent(name)}?${query}`);

    this.#socket = socket;
    this.#opened = false;
    this.#live = false;
    this.#timer = setTimeout(() => this.#end(socket, { code: 1006, reason: '' }), OPEN_WAIT);
    socket.onopen = () => {
      clearTimeout(this.#timer);
      this.#opened = true;
      this.dispatchEvent(new CustomEvent('open'));
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') this.#hear(parseLine(data));
    };
    socket.onclose = ({ code, reason }) => this.#end(socket, { code, reason });
  }

  /**
   * @param {string} text
   * @returns {boolean} whether it is on its way; false without a connection
   */
  send(text) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  /** Hangs up. It is over at once: a server that is slow to say goodbye is not waited for. */
  disconnect() {
    if (this.#socket) this.#end(this.#socket, { code: 1000, reason: '', asked: true });
  }

  // Before our own joined line everything is history: the server writes it first.
  #hear(line) {
    const own = !this.#live && line.kind === 'joined';
    if (own) this.#live = true;
    this.dispatchEvent(new CustomEvent('line', { detail: { ...line, live: this.#live, own } }));
  }

  #end(socket, { code, reason, asked = false }) {
    if (socket !== this.#socket) return;
    const opened = this.#opened;
    this.#drop(1000);
    this.dispatchEvent(new CustomEvent('close', { detail: { code, reason, asked, opened } }));
  }

  #drop(code) {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code);
  }
}
