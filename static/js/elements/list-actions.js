/**
 * Handles clicks on the buttons in the rows of a list.
 *
 * Events (they bubble): those named by the buttons' data-action, detail the id of the message, or
 * { name, author } for `person`, { id, emoji } for `react`, the seq of the original for `open-quote`.
 */

/** The actions that open a row. */
const TOGGLES = ['notes', 'gone'];

/**
 * @param {HTMLElement} list
 * @param {(button: HTMLElement) => void} toggle
 * @param {AbortSignal} signal
 */
export function watchListActions(list, toggle, signal) {
  list.addEventListener('click', (event) => {
    const target = /** @type {Element} */ (event.target);
    const button = /** @type {HTMLElement|null} */ (target.closest('[data-action]'));
    const { id, from: name, author = '' } = /** @type {HTMLElement|null} */ (target.closest('[data-id]'))?.dataset ?? {};
    const { action = '' } = button?.dataset ?? {};
    if (TOGGLES.includes(action)) toggle(button);
    else if (action) list.dispatchEvent(new CustomEvent(action, { bubbles: true, detail: detailOf(action, { id, name, author, ...button.dataset }) }));
  }, { signal });
}

/** @param {string} action  @param {{[key: string]: string}} data */
function detailOf(action, { id, name, author, emoji, seq }) {
  return { person: { name, author }, react: { id, emoji }, 'open-quote': Number(seq) }[action] ?? id;
}
