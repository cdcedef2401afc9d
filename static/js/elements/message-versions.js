/**
 * <message-versions>: the texts that a message has had, newest first, with what changed from each to
 * the next. It is a popover beside the message.
 *
 * Events: `purge` (bubbles), detail { id, version }: the author removes an earlier text for good.
 *
 * @typedef {{version?: number, text: string, at: string}} Version  the present one has no number
 */

import { clock, fullTime } from '../lib/formats.js';
import { differences } from '../model/text-diff.js';
import { say } from '../lib/words.js';

const TAGS = { added: 'ins', removed: 'del', same: 'span' };

export class MessageVersions extends HTMLElement {
  #opener = null;
  #id = '';

  connectedCallback() {
    this.addEventListener('click', this.#clicked);
    this.addEventListener('toggle', this.#toggled);
  }

  disconnectedCallback() {
    this.removeEventListener('click', this.#clicked);
    this.removeEventListener('toggle', this.#toggled);
  }

  /** @param {HTMLElement} row  the message, to place the versions beside */
  open(row) {
    this.#id = row.dataset.id;
    this.#opener = row.querySelector('.message-edited');
    this.show([], false);
    if (this.matches(':popover-open')) this.hidePopover();
    this.showPopover({ source: this.#opener });
  }

  /**
   * @param {Version[]} versions  oldest first; empty while they are loading
   * @param {boolean} mine        whether the reader wrote the message
   * @param {string} [why]        why they cannot be shown, a sentence
   */
  show(versions, mine, why = '') {
    this.querySelector('h2').textContent = versions.length > 0 ? title(versions.length - 1) : say('versions.loading');
    this.querySelector('.versions-why').textContent = why;
    const items = versions.map((version, at) => this.#item(version, versions[at - 1], at, mine));
    this.querySelector('ol').replaceChildren(...items.reverse());
  }

  /** @param {Version} version  @param {Version|undefined} before  @param {number} place  @param {boolean} mine */
  #item({ version, text, at }, before, place, mine) {
    const item = document.importNode(document.getElementById('version-row').content.firstElementChild, true);
    const [name, time, words, purge] = item.children;
    name.textContent = version === undefined ? say('versions.now') : numbered(place + 1);
    Object.assign(time, { dateTime: at, title: fullTime.format(new Date(at)), textContent: clock.format(new Date(at)) });
    const parts = before ? differences(before.text, text) : [{ kind: 'same', text }];
    words.replaceChildren(...parts.map(({ kind, text: part }) => Object.assign(document.createElement(TAGS[kind]), { textContent: part })));
    purge.hidden = !mine || version === undefined;
    purge.dataset.version = String(version);
    return item;
  }

  #clicked = ({ target }) => {
    const version = Number(target.closest('[data-version]')?.dataset.version);
    if (version) this.dispatchEvent(new CustomEvent('purge', { bubbles: true, detail: { id: this.#id, version } }));
  };

  #toggled = ({ newState }) => {
    if (newState !== 'closed') return;
    const { activeElement } = document;
    if (activeElement === document.body || this.contains(activeElement)) this.#opener?.focus({ preventScroll: true });
    this.querySelector('ol').replaceChildren(); // what is removed later must not stay here
  };
}

function numbered(n) {
  if (n === 1) return say('versions.first');
  return n === 2 ? say('versions.second') : say('versions.number', { n });
}

const title = (n) => (n === 2 ? say('versions.twice') : say('versions.title', { n }));
