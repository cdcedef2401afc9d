/**
 * The sidebars of a room: rooms on one side, people on the other. On narrow screens they are
 * drawers, on a phone a single one.
 */

/** The widths from which css/tokens.css and the component styles show the sidebars as columns. */
const WIDE = '(width >= 768px)';
const WIDEST = '(width >= 1100px)';

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchSidebars(chat, signal) {
  const { rooms } = sidesOf(chat);
  rooms.addEventListener('toggle', ({ newState }) => newState === 'open' && chat.socket.list(), { signal });
  for (const width of [WIDE, WIDEST]) matchMedia(width).addEventListener('change', () => fold(chat), { signal });
  fold(chat);
}

/** Closes the drawers. @param {HTMLElement} chat */
export function closeSidebars(chat) {
  for (const side of Object.values(sidesOf(chat))) side.hidePopover();
}

// Closes an open drawer when the page becomes wide, where it would cover the columns.
function fold(chat) {
  closeSidebars(chat);
  const { rooms, people } = sidesOf(chat);
  (matchMedia(WIDE).matches ? people : rooms.querySelector('.sidebar-people')).append(chat.querySelector('member-list'));
}

function sidesOf(chat) {
  return { rooms: chat.querySelector('.sidebar'), people: chat.querySelector('.people') };
}
