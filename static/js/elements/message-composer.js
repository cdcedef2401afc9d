/**
 * <message-composer>: where one writes. It keeps what is written, per room, until it is sent.
 * How it is formatted is format-bar.js, emoji are emoji-button.js.
 *
 * Events (they bubble): `say`, detail the text: whoever hears it keeps it, and it is gone from
 * here then; `writing`, with every key.
 */

import { inCode } from '../model/composer-format.js';
import { named } from '../lib/formats.js';
import { draftOf, keepDraft, rescueDrafts } from '../model/room-drafts.js';
import { write } from '../lib/sentence.js';
import { insert, withoutControls } from '../lib/text-edits.js';
import { say } from '../lib/words.js';

const bytes = new TextEncoder();

/** Where a placeholder that says all of it would be cut off. */
const NARROW = '(width < 768px)';

/** There Enter breaks the line, and the button sends. */
const TOUCH = '(pointer: coarse)';

/** From this part of the limit on the count is shown. */
const NEARLY = 0.9;

/** What looks like a command, and not like the path of a file. There are none yet. */
const COMMAND = /^\/[\p{L}][\p{L}\p{N}_-]*(?=\s|$)/u;

export class MessageComposer extends HTMLElement {
  #form = null;
  #text = null;
  #count = null;
  #button = null;
  #life = new AbortController();
  #note = null;
  #room = '';
  /** The text that is posted as it is when it is sent once more, though it looks like a command. */
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
    // A button that takes the focus would close the keyboard of a phone.
    this.#form.addEventListener('mousedown', this.#held, { signal });
    matchMedia(NARROW).addEventListener('change', () => this.#update(), { signal });
    rescueDrafts();
    this.#update();
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  /**
   * @param {string} room   where it will be said; what was begun there is still there
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
   * @param {boolean} how.away    whether there is no connection: then what is sent waits
   * @param {boolean} how.silent  whether nothing was said in the room yet
   */
  set standing({ away, silent }) {
    if (this.#away === away && this.#silent === silent) return;
    this.#away = away;
    this.#silent = silent;
    this.#update();
  }

  /** Shows a sentence above the text until something is written or sent. @param {string} sentence */
  note(sentence) {
    write(this.#note, sentence);
    this.#asked = '';
  }

  /** Writes something where the cursor is. @param {string} text */
  write(text) {
    insert(this.#text, text);
  }

  /** Leads the keys here. Not on a touch screen, where it would open a keyboard over the room. */
  focus() {
    if (!matchMedia(TOUCH).matches) this.#text.focus();
  }

  #submit = (event) => {
    event.preventDefault();
    this.#text.focus();
    if (this.#button.disabled || this.#asks()) return;
    this.note('');
    // It is kept by who hears this before it is forgotten here: a crash in between loses nothing.
    this.dispatchEvent(new CustomEvent('say', { bubbles: true, detail: this.#sayable }));
    this.#text.value = '';
    this.#keep();
  };

  // A command that does not exist is not posted for everyone to read without a question.
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
    if (event.key !== 'Enter' || event.shiftKey) return;
    // The Enter that ends a composition (Japanese, Chinese…) belongs to it; 229 is Safari's way to say so.
    if (event.isComposing || event.keyCode === 229) return;
    const always = event.ctrlKey || event.metaKey;
    if (!always && (matchMedia(TOUCH).matches || inCode(this.#text.value, this.#text.selectionStart))) return;
    event.preventDefault();
    if (!event.repeat) this.#form.requestSubmit();
  };

  #held = (event) => {
    if (!event.target.closest('textarea, [popover]')) event.preventDefault();
  };

  get #sayable() {
    return withoutControls(this.#text.value);
  }

  #update() {
    const most = Number(this.dataset.maxText);
    const size = bytes.encode(this.#sayable).length;
    const over = size > most;
    this.#button.disabled = over || this.#sayable.trim() === '';
    this.#text.placeholder = this.#hint();
    this.#count.hidden = size < most * NEARLY;
    this.#count.textContent = this.#count.hidden ? '' : say('composer.count', { size, most });
    this.#count.toggleAttribute('data-over', over);
    this.#text.ariaInvalid = over ? 'true' : null;
    this.#fit();
  }

  #hint() {
    const room = this.#title;
    if (this.#away && matchMedia(NARROW).matches) return say('composer.waits');
    if (this.#away) return say('composer.waitsIn', { room });
    return this.#silent ? say('composer.first', { room }) : say('composer.placeholder', { room });
  }

  // For browsers without field-sizing. max-height in the style sheet ends the growth.
  #fit() {
    if (CSS.supports('field-sizing', 'content')) return;
    this.#text.style.height = 'auto';
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }
}
