/**
 * <connection-status>: the state of the connection as a word. The dot beside it is CSS.
 *
 * @typedef {'connected'|'connecting'|'reconnecting'|'disconnected'} Standing
 */

import { say } from '../lib/words.js';

export class ConnectionStatus extends HTMLElement {
  /** @param {Standing} state */
  set state(state) {
    if (this.dataset.state === state) return;
    this.dataset.state = state;
    this.textContent = say('status.' + state);
  }
}
