/**
 * Detects a dead connection, for example after a laptop slept or the network changed. Browsers
 * cannot send pings, so this sends a command that the server answers.
 */
export class Keepalive {
  #timer = 0;
  #received = false;
  #waiting = false;
  #times;
  #ask;
  #dead;

  /**
   * @param {{beat: number, answer: number}} times  ms between pings, and until an answer is overdue
   * @param {() => void} ask   sends the ping
   * @param {() => void} dead  called when the answer is overdue
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

  /** Records that something arrived; any event proves that the connection is alive. */
  received() {
    this.#received = true;
  }

  /** Pings at once. */
  now() {
    if (this.#waiting) return;
    clearTimeout(this.#timer);
    this.#waiting = true;
    this.#received = false;
    this.#ask();
    // Anything received since then counts, not the elapsed time: timers in a hidden tab are late.
    this.#timer = setTimeout(() => (this.#received ? this.start() : this.#dead()), this.#times.answer);
  }
}
