/**
 * Plays two soft tones for a message by another person in a room that is not in view. Off by
 * default, and rate-limited.
 */

import { OURS } from '../lib/base.js';
import { writtenBy } from '../model/identities.js';
import { isVisibleInAnyTab, isVisible } from './visibility.js';
import { settings } from '../lib/settings.js';

/** The minimum interval between sounds, in ms. */
const PAUSE = 3_000;

/** The tones: pitch in Hz, start and duration in s. */
const TONES = [[587.3, 0, .18], [784, .11, .28]];

const LOUD = .08;

let context = null;
let quietUntil = 0;

/**
 * @param {import('./chat-room.js').ChatRoom} chat
 * @param {AbortSignal} signal
 */
export function watchSound(chat, signal) {
  const { socket } = chat;
  const isMine = writtenBy(socket);
  socket.addEventListener('message', async ({ detail: { room, message } }) => {
    if (settings.get('sound') !== 'on' || isMine(message) || isVisible(chat, room)) return;
    if (!await isVisibleInAnyTab(room)) oneTab(play);
  }, { signal });
}

// Runs in one tab only: all tabs receive the message, and the one that gets the lock plays and holds it for the pause.
function oneTab(act) {
  if (performance.now() < quietUntil) return;
  quietUntil = performance.now() + PAUSE;
  const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE));
  if (!navigator.locks) act();
  else navigator.locks.request(`${OURS}sound`, { ifAvailable: true }, (lock) => lock && (act(), pause()));
}

function play() {
  // Browsers play no sound before the first click or key press.
  if (!navigator.userActivation?.hasBeenActive) return;
  context ??= new AudioContext();
  context.resume().catch(() => {});
  for (const [pitch, begin, length] of TONES) tone(pitch, context.currentTime + begin, length);
}

function tone(pitch, begin, length) {
  const tones = new OscillatorNode(context, { frequency: pitch });
  const loudness = new GainNode(context, { gain: 0 });
  loudness.gain.setValueAtTime(0, begin);
  loudness.gain.linearRampToValueAtTime(LOUD, begin + .015);
  loudness.gain.exponentialRampToValueAtTime(.0001, begin + length);
  tones.connect(loudness).connect(context.destination);
  tones.start(begin);
  tones.stop(begin + length);
}
