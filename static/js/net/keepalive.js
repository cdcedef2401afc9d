/**
 * Notices a connection that is dead without having said so: a laptop that slept, a network
 * that changed. Browsers cannot ping, so a command is sent that the server answers.
 */
export class Keepalive {
  #timer = 0;
  #received = false;
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
  received() {
    this.#received = true;
  }

  /** Asks at once. */
  now() {
    if (this.#waiting) return;
    clearTimeout(this.#timer);
    this.#waiting = true;
    this.#received = false;
    this.#ask();
    // What counts is what came meanwhile, not the clock: in a hidden tab timers are late.
    this.#timer = setTimeout(() => (this.#received ? this.start() : this.#dead()), this.#times.answer);
  }
}
