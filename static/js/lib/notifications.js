/**
 * The browser's notifications: whether they are on, asking for permission, showing, and closing
 * them. Only enableNotifications() asks for permission; call it from a click handler.
 *
 * Browsers have no notifications over plain HTTP from another machine; then nothing is shown, and
 * nothing breaks.
 */

import { OURS } from './base.js';
import { settings } from './settings.js';
import { say } from './words.js';

/** @returns {'unsupported'|'denied'|'off'|'on'} */
export function notificationState() {
  if (!('Notification' in window) || !window.isSecureContext) return 'unsupported';
  if (Notification.permission === 'denied') return 'denied';
  return Notification.permission === 'granted' && settings.get('notifications') === 'on' ? 'on' : 'off';
}

/** Asks for permission. @returns {Promise<ReturnType<typeof notificationState>>} the new state */
export async function enableNotifications() {
  if (notificationState() === 'unsupported') return 'unsupported';
  if (await Notification.requestPermission() === 'granted') settings.set('notifications', 'on');
  return notificationState();
}

/** @returns {string} the state as a sentence; if it is denied, how to change that */
export function notificationSentence() {
  return say('notify.' + notificationState());
}

/** Shows a test notification. @returns {Promise<boolean>} whether it was allowed */
export async function testNotification() {
  if (notificationState() !== 'on') return false;
  await showNotification(say('notify.test'), { body: say('notify.testBody'), tag: `${OURS}.test` }, () => window.focus());
  return true;
}

/** @type {Map<string, Notification>} those shown without a service worker, by tag */
const shown = new Map();

/**
 * Shows a notification. Those of a service worker outlive the page and work on phones; without a
 * worker, the page shows its own.
 *
 * @param {string} title
 * @param {any} options  NotificationOptions; the tag is required
 * @param {() => void} clicked  called for a notification that the page shows itself
 */
export async function showNotification(title, options, clicked) {
  const { lang } = document.documentElement;
  const icon = document.querySelector('link[rel=apple-touch-icon]')?.href;
  const whole = { lang, dir: 'auto', icon, ...options };
  const worker = await registration();
  if (worker) {
    await alone(() => worker.showNotification(title, whole));
    return;
  }
  const notification = new Notification(title, whole);
  shown.set(options.tag, notification);
  notification.addEventListener('close', () => shown.get(options.tag) === notification && shown.delete(options.tag));
  notification.addEventListener('click', () => {
    notification.close();
    clicked();
  });
}

/** Closes a notification. @param {string} tag */
export async function closeNotification(tag) {
  shown.get(tag)?.close();
  shown.delete(tag);
  if (notificationState() === 'unsupported') return;
  const worker = await registration();
  if (!worker) return;
  await alone(async () => {
    for (const notification of await worker.getNotifications({ tag })) notification.close();
  });
}

// Runs under a lock, because Chromium drops a notification that is being shown while
// getNotifications() runs in any tab. Where there is a worker, there are locks: both need a secure context.
function alone(act) {
  return navigator.locks.request(`${OURS}notifications`, act);
}

async function registration() {
  const found = await navigator.serviceWorker?.getRegistration();
  return found?.active ? found : null;
}
