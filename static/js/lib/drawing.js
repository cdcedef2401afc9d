/**
 * Schedules drawing: once per frame however many changes there are, and at set times, for what
 * changes its appearance by time alone.
 */

/** The interval of drawing in a hidden tab, in ms; the browser gives it no frames. */
const HIDDEN = 250;

/** After a drawing, calm updates wait for this many times as long as it took. */
const REST = 4;

export class Drawing {
  #draw;
  /** @type {(() => void)|null} cancels the scheduled drawing */
  #undraw = null;
  #timer = 0;
  #rest = 0;
  #restedAt = 0;

  /** @param {() => void} draw */
  constructor(draw) {
    this.#draw = draw;
  }

  soon() {
    if (this.#undraw) return;
    const drawing = () => {
      this.#undraw = null;
      this.#drawNow();
    };
    if (document.hidden) {
      const timer = setTimeout(drawing, HIDDEN);
      this.#undraw = () => clearTimeout(timer);
    } else {
      const frame = requestAnimationFrame(drawing);
      this.#undraw = () => cancelAnimationFrame(frame);
    }
  }

  /**
   * Schedules a drawing for events that may arrive by the thousand. It leaves most of the time to
   * receiving: the server disconnects slow consumers.
   */
  calmly() {
    if (this.#undraw || this.#rest) return;
    const wait = this.#restedAt - performance.now();
    if (wait <= 0) this.soon();
    else this.#rest = setTimeout(() => this.soon(), wait);
  }

  /** Schedules a drawing, in place of a later one. @param {number} ms  from now */
  later(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.soon(), ms);
  }

  stop() {
    this.#undraw?.();
    this.#undraw = null;
    clearTimeout(this.#timer);
    this.#wake();
  }

  #drawNow() {
    this.#wake();
    const begun = performance.now();
    this.#draw();
    const now = performance.now();
    this.#restedAt = now + REST * (now - begun);
  }

  #wake() {
    clearTimeout(this.#rest);
    this.#rest = 0;
  }
}
