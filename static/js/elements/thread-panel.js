/**
 * <thread-panel>: a thread beside the room: its name, its messages, and a composer of its own. The
 * list and the composer are made from those of the room, so that they are the same.
 *
 * Events (they bubble): `close-thread`; and those of the list and the composer.
 */

import { named } from '../lib/formats.js';
import { write } from '../lib/sentence.js';
import { say } from '../lib/words.js';

/** The attributes that name other elements by their ids. */
const REFERENCES = ['id', 'for', 'aria-controls', 'aria-describedby', 'popovertarget', 'data-testid'];

export class ThreadPanel extends HTMLElement {
  connectedCallback() {
    if (this.children.length > 0) return;
    this.role = 'complementary';
    this.setAttribute('aria-labelledby', 'thread-title');
    const trouble = Object.assign(document.createElement('p'), { className: 'trouble thread-trouble', role: 'alert' });
    this.append(this.#head(), copyOfList(), trouble, copyOfComposer());
  }

  /** @param {string} title  of the room  @param {number} replies  how many there are */
  show(title, replies) {
    write(this.querySelector('.thread-place'), say('thread.in', { room: named(title) }) + (replies > 0 ? ` · ${say('thread.replies', { n: replies })}` : ''));
  }

  /** Gives the focus to the name of the panel, so that a screen reader begins there. */
  focus() {
    this.querySelector('h2').focus({ preventScroll: true });
  }

  #head() {
    const head = Object.assign(document.createElement('div'), { className: 'thread-head' });
    const names = Object.assign(document.createElement('div'), { className: 'thread-names' });
    const title = Object.assign(document.createElement('h2'), { id: 'thread-title', tabIndex: -1, textContent: say('thread.title') });
    const place = Object.assign(document.createElement('p'), { className: 'thread-place' });
    const close = Object.assign(document.createElement('button'), { className: 'icon-button thread-close', type: 'button', ariaLabel: say('thread.close') });
    close.dataset.testid = 'thread-close';
    close.append(icon('close'), icon('chevron'));
    close.addEventListener('click', () => this.dispatchEvent(new CustomEvent('close-thread', { bubbles: true })));
    names.append(title, place);
    head.append(names, close);
    return head;
  }
}

function copyOfList() {
  const list = copyOf('message-list');
  list.querySelector('[role=log]').replaceChildren();
  list.querySelector('[role=log]').ariaLabel = say('thread.title');
  list.querySelector('.empty').hidden = true;
  for (const name of ['live', 'away', 'epoch', 'rev']) delete list.dataset[name];
  return list;
}

function copyOfComposer() {
  const composer = copyOf('message-composer');
  composer.toggleAttribute('data-thread', true);
  composer.querySelector('label').textContent = say('thread.label');
  for (const loaded of composer.querySelectorAll('emoji-picker, [role=option]')) loaded.remove();
  return composer;
}

// Copies an element of the room before it is in the document, with ids of its own.
function copyOf(name) {
  const copy = /** @type {HTMLElement} */ (document.querySelector(name).cloneNode(true));
  for (const part of [copy, ...copy.querySelectorAll('*')]) {
    for (const reference of REFERENCES) if (part.hasAttribute(reference)) part.setAttribute(reference, `thread-${part.getAttribute(reference)}`);
  }
  return copy;
}

function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#icon-${name}`);
  svg.append(use);
  return svg;
}
