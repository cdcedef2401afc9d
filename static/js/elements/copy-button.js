/**
 * <copy-button data-text="…"><button>…</button></copy-button>: copies the text, and says
 * "Copied" for a while. Over plain HTTP browsers give no clipboard; then it is not there.
 */

/** How long it says so, in ms. */
const SAID_FOR = 2_000;

export class CopyButton extends HTMLElement {
  #timer = 0;
  #copy = async () => {
    try {
      await navigator.clipboard.writeText(this.dataset.text);
    } catch {
      return; // forbidden by the browser: better no word than a wrong one
    }
    this.dataset.copied = '';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => delete this.dataset.copied, SAID_FOR);
  };

  connectedCallback() {
    this.hidden = !navigator.clipboard;
    this.addEventListener('click', this.#copy);
  }

  disconnectedCallback() {
    this.removeEventListener('click', this.#copy);
    clearTimeout(this.#timer);
    delete this.dataset.copied;
  }
}
