/**
 * Two soft tones when somebody else says something that nobody looks at. Off until somebody
 * turns it on, and never more often than one can bear.
 */

import { OURS } from '../lib/base.js';
import { writtenBy } from '../model/identities.js';
import { isVisibleInAnyTab, isVisible } from './visibility.js';
import { settings } from '../lib/settings.js';

/** At most once in so long, in ms, whatever is said. */
const PAUSE = 3_000;

/** The tones: pitch in Hz, and when they begin and how long they last, in s. */
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

// Several tabs hear the same message: the one that gets the lock plays, and keeps it for the pause.
function oneTab(act) {
  if (performance.now() < quietUntil) return;
  quietUntil = performance.now() + PAUSE;
  const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE));
  if (!navigator.locks) act();
  else navigator.locks.request(`${OURS}sound`, { ifAvailable: true }, (lock) => lock && (act(), pause()));
}

function play() {
  // Before the first click or key browsers let no page be heard.
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
