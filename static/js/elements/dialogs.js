/**
 * Opens the dialogs. The browser's own <dialog> keeps the focus in, gives it back and closes
 * with Esc, the topmost first; this only sees to it that there is a place to give it back to.
 */

/**
 * Buttons with data-dialog open the dialog of that id; one with data-leads too has the focus
 * go to the control of that name.
 *
 * @param {import('../page/chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchDialogs(chat, signal) {
  chat.addEventListener('click', ({ target }) => {
    const opener = target.closest('[data-dialog]');
    if (opener) openDialog(opener.dataset.dialog, opener);
  }, { signal });
}

/**
 * @param {string} id
 * @param {HTMLElement|null} opener  what was clicked, if anything was
 */
export function openDialog(id, opener = null) {
  // The button of a menu is gone with the menu; its opener is there to come back to.
  opener?.closest('[popover]')?.hidePopover();
  const dialog = document.getElementById(id);
  if (dialog.open) return;
  dialog.showModal();
  const leads = opener?.dataset.leads;
  if (leads) lead(dialog, leads);
}

function lead(dialog, name) {
  const control = dialog.querySelector(`[name="${name}"]:checked, :not([type=radio])[name="${name}"]`)
    ?? dialog.querySelector(`[data-says="${name}"]`)?.parentElement.querySelector('button:not([hidden])');
  control?.focus();
}
