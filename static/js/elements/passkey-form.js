/**
 * <passkey-form>: a form that sends a passkey. The form inside is hidden until this runs, because
 * only a script reaches passkeys. It asks the server for a challenge, the browser for a passkey,
 * and then submits the form.
 */

/** The parsers of the options' JSON, which TypeScript's DOM library does not know yet. */
const parsers = /** @type {any} */ (globalThis.PublicKeyCredential);

export class PasskeyForm extends HTMLElement {
  #form = null;

  connectedCallback() {
    this.#form = this.querySelector('form');
    if (!parsers?.parseRequestOptionsFromJSON) return;
    this.#form.hidden = false;
    this.#form.addEventListener('submit', this.#submit);
  }

  disconnectedCallback() {
    this.#form.removeEventListener('submit', this.#submit);
  }

  #submit = async (event) => {
    event.preventDefault();
    const button = this.#form.querySelector('[type=submit]');
    const error = this.#form.querySelector('[role=alert]');
    button.disabled = true;
    error.textContent = '';
    try {
      const { id, credential } = await this.#ask();
      this.#form.elements.id.value = id;
      this.#form.elements.credential.value = JSON.stringify(credential);
      this.#form.submit();
    } catch (failed) {
      // Somebody who closes the browser's question knows it.
      if (failed.name !== 'NotAllowedError' && failed.name !== 'AbortError') error.textContent = failed.message;
      button.disabled = false;
    }
  };

  async #ask() {
    const { begin, name, get } = this.#form.dataset;
    const body = new URLSearchParams();
    if (name) body.set('name', document.getElementById(name).value);
    const response = await fetch(begin, { method: 'POST', body });
    if (!response.ok) throw new Error(await response.text());
    const { id, options } = await response.json();
    const credential = get === undefined
      ? await navigator.credentials.create({ publicKey: parsers.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: parsers.parseRequestOptionsFromJSON(options) });
    return { id, credential };
  }
}
