/**
 * The columns beside a room: the rooms on one side, the people on the other. Where there is no
 * place for columns they are drawers, on a phone one for both.
 */

/** Where css/tokens.css and its neighbours make columns of them. */
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

// An open drawer would stay above a page that has become wide.
function fold(chat) {
  closeSidebars(chat);
  const { rooms, people } = sidesOf(chat);
  (matchMedia(WIDE).matches ? people : rooms.querySelector('.sidebar-people')).append(chat.querySelector('member-list'));
}

function sidesOf(chat) {
  return { rooms: chat.querySelector('.sidebar'), people: chat.querySelector('.people') };
}
