/**
 * Handles a file that is dropped anywhere on the page. By default the browser would open it in
 * place of the chat, and the unsent text would disappear from the screen.
 */

import { say } from '../lib/words.js';

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchFileDrops(chat, signal) {
  const composer = chat.querySelector('message-composer');
  window.addEventListener('dragover', keepHere, { signal });
  window.addEventListener('drop', (event) => {
    if (keepHere(event)) composer.note(say('composer.noFiles'));
  }, { signal });
}

function keepHere(event) {
  const files = event.dataTransfer?.types.includes('Files') ?? false;
  if (files) event.preventDefault();
  return files;
}
