/**
 * Opens the dialogs. The browser's <dialog> traps the focus, returns it, and closes with Esc, the
 * topmost dialog first; this module only ensures that there is an element to return the focus to.
 */

/**
 * Makes buttons with data-dialog open the dialog of that id. With data-leads as well, the control
 * of that name gets the focus.
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
 * @param {HTMLElement|null} opener  the element that was clicked, if any
 */
export function openDialog(id, opener = null) {
  // A button in a menu disappears with the menu, so the focus returns to the menu's opener.
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
