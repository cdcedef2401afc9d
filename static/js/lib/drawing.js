/**
 * Draws with the next frame, however much changes until then; and at a time at which something
 * will look different though nothing happened.
 */

/** In a hidden tab nothing is drawn by the browser; then we draw so often, in ms. */
const HIDDEN = 250;

/** So many times as long as a drawing took, nothing that can wait is drawn after it. */
const REST = 4;

export class Drawing {
  #draw;
  /** @type {(() => void)|null} takes back what is to be drawn */
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
   * The same for what comes by itself, and maybe by the thousand: most of the time is left to
   * hear the rest of it. Who hears too slowly is cut off by the server.
   */
  calmly() {
    if (this.#undraw || this.#rest) return;
    const wait = this.#restedAt - performance.now();
    if (wait <= 0) this.soon();
    else this.#rest = setTimeout(() => this.soon(), wait);
  }

  /** @param {number} ms  from now; what was to be drawn later before is forgotten */
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
