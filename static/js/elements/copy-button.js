/**
 * <copy-button data-text="…"><button>…</button></copy-button>: copies the text, and shows
 * "Copied" for a while. Browsers have no clipboard over plain HTTP; then the button is hidden.
 */

/** How long "Copied" is shown, in ms. */
const SAID_FOR = 2_000;

export class CopyButton extends HTMLElement {
  #timer = 0;
  #copy = async () => {
    try {
      await navigator.clipboard.writeText(this.dataset.text);
    } catch {
      return; // the browser forbids it: show nothing rather than a false "Copied"
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
