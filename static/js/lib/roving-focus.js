/**
 * Moves the focus through rows with the arrow keys, so that a list of hundreds is one tab stop.
 *
 * @param {KeyboardEvent} event
 * @param {HTMLElement[]} rows  in order
 * @returns {boolean} whether the key was handled
 */
export function moveFocus(event, rows) {
  const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined || rows.length === 0) return false;
  event.preventDefault();
  rows.at(to % rows.length).focus();
  return true;
}
