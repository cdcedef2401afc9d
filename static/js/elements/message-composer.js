/**
 * <message-composer>: the text field of new messages. It keeps the unsent text of each room.
 * format-bar.js formats the text, and emoji-button.js inserts emoji.
 *
 * Events (they bubble): `say`, detail the text: the listener must save it, because it is removed
 * here afterwards; `writing`, on every key; `edit-last`, to edit the user's last message.
 */

import { inCode } from '../model/composer-format.js';
import { named } from '../lib/formats.js';
import { draftOf, keepDraft, rescueDrafts } from '../model/room-drafts.js';
import { write } from '../lib/sentence.js';
import { insert, withoutControls } from '../lib/text-edits.js';
import { say } from '../lib/words.js';

const bytes = new TextEncoder();

/** Where the full placeholder would be cut off. */
const NARROW = '(width < 768px)';

/** On touch screens Enter inserts a line break, and the button sends. */
const TOUCH = '(pointer: coarse)';

/** The fraction of the limit from which on the count is shown. */
const NEARLY = 0.9;

/** Matches what looks like a command rather than a file path. There are no commands yet. */
const COMMAND = /^\/[\p{L}][\p{L}\p{N}_-]*(?=\s|$)/u;

export class MessageComposer extends HTMLElement {
  #form = null;
  #text = null;
  #count = null;
  #button = null;
  #life = new AbortController();
  #note = null;
  #room = '';
  /** The text that looks like a command and was already questioned; sending it again posts it as it is. */
  #asked = '';
  #title = '';
  #away = false;
  #silent = false;

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.#form = this.querySelector('form');
    this.#text = this.querySelector('textarea');
    this.#count = this.querySelector('.composer-count');
    this.#button = this.querySelector('[type=submit]');
    this.#note = this.querySelector('.composer-note');
    this.#form.addEventListener('submit', this.#submit, { signal });
    this.#text.addEventListener('input', this.#edited, { signal });
    this.#text.addEventListener('keydown', this.#pressed, { signal });
    this.addEventListener('emoji', ({ detail }) => insert(this.#text, detail), { signal });
    this.#text.addEventListener('paste', this.#pasted, { signal });
    // If the button took the focus, the keyboard of a phone would close.
    this.#form.addEventListener('mousedown', this.#held, { signal });
    matchMedia(NARROW).addEventListener('change', () => this.#update(), { signal });
    rescueDrafts();
    this.#update();
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  /**
   * @param {string} room   the room to write to; its unsent text is restored
   * @param {string} title
   */
  show(room, title) {
    this.#title = title;
    if (room !== this.#room) {
      this.#room = room;
      this.note('');
      this.#text.value = draftOf(this.#room);
    }
    this.#update();
  }

  /**
   * @param {object} how
   * @param {boolean} how.away    whether there is no connection, so that messages wait
   * @param {boolean} how.silent  whether the room has no messages yet
   */
  set standing({ away, silent }) {
    if (this.#away === away && this.#silent === silent) return;
    this.#away = away;
    this.#silent = silent;
    this.#update();
  }

  /** Shows a sentence above the text until the next key or send. @param {string} sentence */
  note(sentence) {
    write(this.#note, sentence);
    this.#asked = '';
  }

  /** Inserts a text at the cursor. @param {string} text */
  write(text) {
    insert(this.#text, text);
  }

  /** Appends a text to the draft of a room, where it is not lost. @param {string} room  @param {string} text */
  rescue(room, text) {
    const all = [draftOf(room), text].filter(Boolean).join('\n');
    keepDraft(room, all);
    if (room !== this.#room) return;
    this.#text.value = all;
    this.#update();
  }

  /** Focuses the field. Not on a touch screen, where it would open the keyboard over the room. */
  focus() {
    if (!matchMedia(TOUCH).matches) this.#text.focus();
  }

  #submit = (event) => {
    event.preventDefault();
    this.#text.focus();
    if (this.#button.disabled || this.#asks()) return;
    this.note('');
    // The listener saves the text before it is removed here, so a crash in between loses nothing.
    this.dispatchEvent(new CustomEvent('send', { bubbles: true, detail: this.#sendable }));
    this.#text.value = '';
    this.#keep();
  };

  // Asks before it posts what looks like a command, because everyone would see it.
  #asks() {
    const text = this.#text.value;
    const [command] = COMMAND.exec(text) ?? [];
    if (!command || this.#asked === text) return false;
    this.note(say('composer.noCommand', { command: named(command) }));
    this.#asked = text;
    return true;
  }

  #pasted = (event) => {
    const { files } = event.clipboardData;
    if (files.length === 0 || event.clipboardData.getData('text/plain')) return;
    event.preventDefault();
    this.note(say('composer.noFiles'));
  };

  #edited = () => {
    this.note('');
    this.#keep();
    if (this.#text.value.trim()) this.dispatchEvent(new CustomEvent('writing', { bubbles: true }));
  };

  #keep() {
    keepDraft(this.#room, this.#text.value);
    this.#update();
  }

  #pressed = (event) => {
    if (event.key === 'ArrowUp' && this.#text.value === '' && !event.defaultPrevented && !isHeld(event)) {
      event.preventDefault();
      this.dispatchEvent(new CustomEvent('edit-last', { bubbles: true }));
    }
    if (event.key !== 'Enter' || event.shiftKey) return;
    // The Enter that ends an IME composition (Japanese, Chinese…) must not send. Safari reports it with keyCode 229.
    if (event.isComposing || event.keyCode === 229) return;
    const always = event.ctrlKey || event.metaKey;
    if (!always && (matchMedia(TOUCH).matches || inCode(this.#text.value, this.#text.selectionStart))) return;
    event.preventDefault();
    if (!event.repeat) this.#form.requestSubmit();
  };

  #held = (event) => {
    if (!event.target.closest('textarea, [popover]')) event.preventDefault();
  };

  get #sendable() {
    return withoutControls(this.#text.value);
  }

  #update() {
    const most = Number(this.dataset.maxText);
    const size = bytes.encode(this.#sendable).length;
    const over = size > most;
    this.#button.disabled = over || this.#sendable.trim() === '';
    this.#text.placeholder = this.#placeholder();
    this.#count.hidden = size < most * NEARLY;
    this.#count.textContent = this.#count.hidden ? '' : say('composer.count', { size, most });
    this.#count.toggleAttribute('data-over', over);
    this.#text.ariaInvalid = over ? 'true' : null;
    this.#fit();
  }

  #placeholder() {
    const room = this.#title;
    if ('thread' in this.dataset) return this.#away ? say('composer.waits') : say('thread.placeholder');
    if (this.#away && matchMedia(NARROW).matches) return say('composer.waits');
    if (this.#away) return say('composer.waitsIn', { room });
    return this.#silent ? say('composer.first', { room }) : say('composer.placeholder', { room });
  }

  // Fits the height to the text, in browsers without field-sizing. max-height in the style sheet limits it.
  #fit() {
    if (CSS.supports('field-sizing', 'content')) return;
    this.#text.style.height = 'auto';
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }
}

const isHeld = ({ shiftKey, altKey, ctrlKey, metaKey }) => shiftKey || altKey || ctrlKey || metaKey;
