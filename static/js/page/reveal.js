/**
 * Brings a message before the reader's eyes: into the middle of the list, with the focus, and
 * tinted for a moment (css/reveal.css).
 */

/** The tint stays so long, in ms, as in css/reveal.css. */
const TINTED = 1_200;

/** A row that is not drawn within so many frames does not come. */
const MOST_FRAMES = 60;

/** A list that came from another room gets its size now, and goes to its end with it. */
const SETTLING = 3;

let fading = 0;

/**
 * @param {HTMLElement} list
 * @param {string} id      of a message that the list has or is about to draw
 * @param {AbortSignal} signal  somebody went on to something else
 * @returns {Promise<boolean>} whether it is there
 */
export async function reveal(list, id, signal) {
  const row = await drawn(list, id, signal);
  if (!row) return false;
  if (!row.hasAttribute('tabindex')) row.tabIndex = -1;
  row.focus({ preventScroll: true });
  clearTimeout(fading);
  row.removeAttribute('data-found'); // it may have been found a moment ago
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
