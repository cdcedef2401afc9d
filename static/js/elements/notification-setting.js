/**
 * <notification-setting>: turns notifications on and off, and sends a test notification. The
 * browser asks for permission only after a click on "Enable".
 */

import { enableNotifications, notificationSentence, testNotification } from '../lib/notifications.js';
import { settings } from '../lib/settings.js';
import { say } from '../lib/words.js';

export class NotificationSetting extends HTMLElement {
  connectedCallback() {
    this.addEventListener('click', this.#clicked);
    settings.addEventListener('change', this.#show);
    this.#show();
  }

  disconnectedCallback() {
    this.removeEventListener('click', this.#clicked);
    settings.removeEventListener('change', this.#show);
  }

  #show = () => {
    const on = settings.get('notifications') === 'on';
    for (const [name, shown] of [['enable', !on], ['test', on], ['disable', on]]) this.#button(name).hidden = !shown;
  };

  #clicked = async ({ target }) => {
    const name = target.closest('button')?.name;
    if (name === 'enable') await this.#enable();
    if (name === 'disable') this.#say(settings.set('notifications', 'off') ? say('settings.saved') : say('settings.notKept'));
    if (name === 'test') testNotification();
    // The clicked button is hidden now, so the focus moves to the one in its place.
    if (name && document.activeElement === document.body) this.querySelector('button:not([hidden])').focus();
  };

  async #enable() {
    const state = await enableNotifications();
    if (state === 'on') this.#say(say('settings.saved'));
    else if (state === 'off' && Notification.permission === 'granted') this.#say(say('settings.notKept'), true);
    else this.#say(notificationSentence(), true);
  }

  #button(name) {
    return this.querySelector(`[name=${name}]`);
  }

  #say(sentence, failed = false) {
    const said = this.querySelector('.setting-said');
    said.textContent = sentence;
    said.toggleAttribute('data-failed', failed);
  }
}
