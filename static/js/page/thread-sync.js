/**
 * Keeps a thread up to date: reads its newest page, resumes it after each reconnect, and follows
 * the changes of its room.
 */

export class ThreadSync {
  #chat;
  #slug;
  #seq;
  #record;
  #shown;
  #asking = false;
  #current = false;
  #epoch = '';
  #older = false;

  /**
   * @param {import('./chat-room.js').ChatRoom} chat
   * @param {{slug: string, seq: number}} thread  its room, and the seq of its root
   * @param {import('../model/thread-record.js').ThreadRecord} record
   * @param {(why?: string) => void} shown  called when the record has changed, or could not be read
   * @param {AbortSignal} signal
   */
  constructor(chat, { slug, seq }, record, shown, signal) {
    this.#chat = chat;
    this.#slug = slug;
    this.#seq = seq;
    this.#record = record;
    this.#shown = shown;
    const on = (event, act) => chat.socket.addEventListener(event, ({ detail }) => act(detail), { signal });
    on('room', (changed) => changed.room === slug && this.#changed(changed));
    on('state', () => this.#lost());
    const { record: known } = this.#room;
    if (known.known) record.beginWith(known);
    this.#catchUp();
  }

  /** Takes what the record of the room has by now. */
  merge() {
    for (const message of this.#room?.record.messages ?? []) this.#record.take(message);
  }

  /** Reads older replies, unless a request is pending. */
  async older() {
    if (this.#older || !this.#record.older) return;
    this.#older = true;
    const before = this.#record.floor;
    const { answer } = await this.#ask({ before });
    this.#older = false;
    if (answer && this.#record.reachBack({ ...answer, before })) this.#shown();
  }

  get #room() {
    return this.#chat.socket.room(this.#slug);
  }

  #changed({ messages = [] }) {
    for (const message of messages) this.#record.take(message);
    if (this.#current) this.#record.rev = Math.max(this.#record.rev, this.#room.record.last);
    this.#shown();
    this.#catchUp();
  }

  #lost() {
    if (this.#chat.socket.state !== 'connected') this.#current = false;
    this.#shown();
  }

  async #catchUp() {
    if (this.#current || this.#asking || !this.#room?.here) return;
    this.#asking = true;
    if (this.#epoch !== this.#room.epoch) this.#record.rev = 0; // the server's history is another
    this.#epoch = this.#room.epoch;
    const { why } = this.#record.rev > 0 ? await this.#resume() : await this.#begin();
    this.#asking = false;
    this.#current = !why && Boolean(this.#room?.here);
    this.merge();
    this.#shown(why);
  }

  async #begin() {
    const { answer, why } = await this.#ask({});
    if (answer) this.#record.begin(answer);
    return { why };
  }

  async #resume() {
    for (let since = this.#record.rev; ;) {
      const { answer, why } = await this.#ask({ since });
      if (!answer) return { why };
      for (const message of answer.messages) this.#record.take(message);
      since = answer.messages.at(-1)?.rev ?? answer.rev;
      this.#record.rev = answer.more ? since : answer.rev;
      if (!answer.more) return {};
    }
  }

  #ask(what) {
    return this.#chat.socket.ask({ cmd: 'thread', room: this.#slug, seq: this.#seq, ...what });
  }
}
