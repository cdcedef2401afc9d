/**
 * Scrolls a message to the middle of the list, focuses it, and tints it for a moment
 * (css/reveal.css).
 */

/** How long the tint stays, in ms, as in css/reveal.css. */
const TINTED = 1_200;

/** After this many frames without the row, it will not be drawn any more. */
const MOST_FRAMES = 60;

/** The frames that a list takes after a switch of rooms to get its size and scroll to its end. */
const SETTLING = 3;

let fading = 0;

/**
 * @param {HTMLElement} list
 * @param {string} id      of a message that the list has drawn or is about to draw
 * @param {AbortSignal} signal  aborts when the reader goes somewhere else
 * @returns {Promise<boolean>} whether the message is shown
 */
export async function reveal(list, id, signal) {
  const row = await drawn(list, id, signal);
  if (!row) return false;
  if (!row.hasAttribute('tabindex')) row.tabIndex = -1;
  row.focus({ preventScroll: true });
  clearTimeout(fading);
  row.removeAttribute('data-found'); // so that the tint starts again if it is still there
  row.toggleAttribute('data-found', true);
  fading = setTimeout(() => row.removeAttribute('data-found'), TINTED);
  for (let frames = 0; frames < SETTLING && !signal.aborted; frames++) {
    row.scrollIntoView({ block: 'center' });
    await new Promise(requestAnimationFrame);
  }
  return true;
}

async function drawn(list, id, signal) {
  for (let frames = 0; frames < MOST_FRAMES && !signal.aborted; frames++) {
    await new Promise(requestAnimationFrame);
    const row = list.querySelector(`[data-id="${CSS.escape(id)}"]`);
    if (row instanceof HTMLElement) return row;
  }
  return null;
}
