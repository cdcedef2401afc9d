/**
 * Leads the focus through rows by the arrow keys, so that a list of hundreds is one stop of Tab.
 *
 * @param {KeyboardEvent} event
 * @param {HTMLElement[]} rows  in their order
 * @returns {boolean} whether it was a key of this kind
 */
export function moveFocus(event, rows) {
  const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined || rows.length === 0) return false;
  event.preventDefault();
  rows.at(to % rows.length).focus();
  return true;
}
