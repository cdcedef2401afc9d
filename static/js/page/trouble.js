/**
 * Shows the error of a failed command for a while, in place of the typing notice: in the room or,
 * while a thread covers that, in the thread.
 */

/** How long it is shown, in ms. */
const SAID_FOR = 8_000;

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchTrouble(chat, signal) {
  let timer = 0;
  const complain = (sentence) => {
    const line = [...chat.querySelectorAll('.trouble')].find((one) => !one.closest('[inert]'));
    line.textContent = sentence;
    clearTimeout(timer);
    timer = setTimeout(() => (line.textContent = ''), SAID_FOR);
  };
  chat.addEventListener('complain', ({ detail }) => complain(detail), { signal });
  chat.socket.addEventListener('trouble', ({ detail: { message } }) => complain(message), { signal });
  signal.addEventListener('abort', () => clearTimeout(timer));
}
