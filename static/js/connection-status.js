/**
 * <connection-status>: the word for how the connection stands. The mark beside it is CSS.
 *
 * @typedef {'connected'|'connecting'|'disconnected'} State
 */

const WORDS = { connected: 'Connected', connecting: 'Connecting', disconnected: 'Disconnected' };

export class ConnectionStatus extends HTMLElement {
  /** @param {State} state */
  set state(state) {
    if (this.dataset.state === state) return;
    this.dataset.state = state;
    this.textContent = WORDS[state];
  }
}
