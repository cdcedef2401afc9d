/**
 * Draws with the next frame, however much changes until then; and at a time at which something
 * will look different though nothing happened.
 */

/** In a hidden tab nothing is drawn by the browser; then we draw so often, in ms. */
const HIDDEN = 250;

export class Drawing {
  #draw;
  /** @type {(() => void)|null} takes back what is to be drawn */
  #undraw = null;
  #timer = 0;

  /** @param {() => void} draw */
  constructor(draw) {
    this.#draw = draw;
  }

  soon() {
    if (this.#undraw) return;
    const drawing = () => {
      this.#undraw = null;
      this.#draw();
    };
    if (document.hidden) {
      const timer = setTimeout(drawing, HIDDEN);
      this.#undraw = () => clearTimeout(timer);
    } else {
      const frame = requestAnimationFrame(drawing);
      this.#undraw = () => cancelAnimationFrame(frame);
    }
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
  }
}
