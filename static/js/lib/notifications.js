/**
 * Notifications of the browser: whether they are on, asking for the permission, and showing and
 * closing them. The browser is asked only by enableNotifications(), which is for a click.
 *
 * Browsers have no notifications over plain HTTP from another machine; then nothing is done and
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

/** Asks the browser. @returns {Promise<ReturnType<typeof notificationState>>} how it is now */
export async function enableNotifications() {
  if (notificationState() === 'unsupported') return 'unsupported';
  if (await Notification.requestPermission() === 'granted') settings.set('notifications', 'on');
  return notificationState();
}

/** @returns {string} the state in a sentence; where it was denied, how to undo that */
export function notificationSentence() {
  return say('notify.' + notificationState());
}

/** Shows one for a try. @returns {Promise<boolean>} whether that may be */
export async function testNotification() {
  if (notificationState() !== 'on') return false;
  await showNotification(say('notify.test'), { body: say('notify.testBody'), tag: `${OURS}.test` }, () => window.focus());
  return true;
}

/** @type {Map<string, Notification>} those that no service worker keeps, by tag */
const shown = new Map();

/**
 * Shows one. Those of the service worker outlive the page and work on phones; where there is no
 * worker, the page shows its own.
 *
 * @param {string} title
 * @param {any} options  NotificationOptions; the tag is needed
 * @param {() => void} clicked  for a notification of the page's own
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

/** Closes the notification that has a tag. @param {string} tag */
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

// Chromium drops a notification that is being shown while getNotifications() runs, in any tab.
// A worker has a secure context, as locks have.
function alone(act) {
  return navigator.locks.request(`${OURS}notifications`, act);
}

async function registration() {
  const found = await navigator.serviceWorker?.getRegistration();
  return found?.active ? found : null;
}
