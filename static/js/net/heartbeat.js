/**
 * Notices a connection that is dead without having said so: a laptop that slept, a network
 * that changed. Browsers cannot ping, so a command is sent that the server answers.
 */
export class Heartbeat {
  #timer = 0;
  #heard = false;
  #waiting = false;
  #times;
  #ask;
  #dead;

  /**
   * @param {{beat: number, answer: number}} times  how often it asks, and how long an answer may take, in ms
   * @param {() => void} ask   sends the question
   * @param {() => void} dead  nothing came
   */
  constructor(times, ask, dead) {
    this.#times = times;
    this.#ask = ask;
    this.#dead = dead;
  }

  start() {
    this.stop();
    this.#timer = setTimeout(() => this.now(), this.#times.beat);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#waiting = false;
  }

  /** Something came: whatever it is, the connection lives. */
  heard() {
    this.#heard = true;
  }

  /** Asks at once. */
  now() {
    if (this.#waiting) return;
    clearTimeout(this.#timer);
    this.#waiting = true;
    this.#heard = false;
    this.#ask();
    // What counts is what came meanwhile, not the clock: in a hidden tab timers are late.
    this.#timer = setTimeout(() => (this.#heard ? this.start() : this.#dead()), this.#times.answer);
  }
}
