/**
 * <message-list>: a room as rows. Follows the newest while the reader is there; otherwise
 * nothing under their eyes moves, whatever is put in or taken away, and a button counts what is new.
 * Only a part of a long room is drawn: where the reader is (list-window.js).
 *
 * Events (they bubble): `older`, when more is to be read above; `read`, detail the seq up to which
 * the room was read; `leave-list`, when the keys shall go back to where one writes; what can be
 * done with a message: `retry`, `edit` and `discard`, detail its id.
 */

import { Drawing } from '../lib/drawing.js';
import { UnreadDivider } from '../model/unread-divider.js';
import { watchListActions } from './list-actions.js';
import { showJump, showPrinted, showTop } from './list-edges.js';
import { ListFocus } from './list-focus.js';
import { ListReader } from './list-reader.js';
import { ListRows } from './list-rows.js';
import { ListWindow, saidAfter } from '../model/list-window.js';
import { toggleNotices } from './notices-row.js';
import { ScrollKeeper } from '../model/scroll-keeper.js';
import { settings } from '../lib/settings.js';
import { nextChange, timeline } from '../model/timeline.js';

/** A page that is open for weeks must not grow for weeks: who follows the newest keeps so many messages. */
const MOST = 1_000;

/** Above this the oldest go even while somebody reads among them, and nothing older is read. */
const MOST_AWAY = 20_000;

/** A page of history. */
const PAGE = 100;

/** So far below the upper edge, in px, stands what one is led to: after a little of what was before. */
const CONTEXT = 96;

/**
 * @typedef {object} View  what is shown
 * @property {import('../model/room-record.js').RoomRecord} record
 * @property {import('../model/notices.js').Notices} notices
 * @property {import('../model/outbox.js').Draft[]} drafts
 * @property {{after: number}|null} unread  up to which seq the room was read when it was entered
 * @property {string} me         my name
 * @property {(message: import('../model/room-record.js').Message) => boolean} isMine
 * @property {string|undefined} id  mine
 * @property {boolean} away
 */

const isNobodys = () => false;

export class MessageList extends HTMLElement {
  #scroller = null;
  #log = null;
  #jump = null;
  #top = null;
  #focus = null;
  /** @type {ListRows|null} */
  #rows = null;
  #keeper = new ScrollKeeper();
  #window = new ListWindow();
  #divider = new UnreadDivider(null, isNobodys);
  #reader = new ListReader(() => this.#rows.inSight, (seq) => this.#ask('read', seq));
  #resizes = new ResizeObserver(() => this.#resized());
  #life = new AbortController();
  #drawing = new Drawing(() => this.#draw());
  /** @type {() => View|null} */
  #view = () => null;
  /** @type {View|null} as it was drawn */
  #drawn = null;
  /** Where in the record the first drawn message stands. */
  #start = 0;
  #newest = 0;
  /** The seq up to which messages were on the screen. */
  #seen = 0;
  #fresh = true;
  /** @type {{id: string, done: () => void}|null} the message to which one shall be led */
  #goal = null;

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    const on = (target, event, act, passive = false) => target.addEventListener(event, act, { signal, passive });
    this.#scroller = this.querySelector('.messages');
    this.#log = this.querySelector('[role=log]');
    this.#jump = this.querySelector('.jump');
    this.#top = this.querySelector('.messages-top');
    const focus = new ListFocus(this.#log, { toNewest: this.toNewest, leave: () => this.#ask('leave-list') });
    this.#rows = new ListRows(this.#scroller, this.#log, focus);
    this.#focus = focus;
    on(this.#scroller, 'scroll', this.#scrolled, true);
    on(this.#jump, 'click', this.toNewest);
    watchListActions(this, this.#toggle, signal);
    on(settings, 'change', () => this.update());
    on(document, 'visibilitychange', () => this.update());
    on(window, 'beforeprint', () => this.#print(true));
    on(window, 'afterprint', () => this.#print(false));
    focus.start(signal);
    this.#reader.start();
    this.#resizes.observe(this.#scroller);
    this.#resizes.observe(this.#log);
  }

  disconnectedCallback() {
    this.#life.abort();
    this.#reader.stop();
    this.#resizes.disconnect();
    this.#drawing.stop();
  }

  /** Shows another room, at its newest, or where what is unread begins. @param {() => View|null} view */
  show(view) {
    this.#view = view;
    this.begin();
  }

  /** What is shown now was not said now: it is not read aloud, nor counted as new. */
  begin() {
    const { unread = null, isMine = isNobodys } = this.#view() ?? {};
    this.toNewest();
    this.#divider = new UnreadDivider(unread, isMine);
    this.#fresh = true;
    this.#seen = 0;
    this.#rows.forget();
    this.#reader.begin();
    this.#goal?.done();
    this.#goal = null;
  }

  /** Something changed. It is drawn with the next frame, however much changes until then. */
  update() {
    this.#drawing.soon();
  }

  /** Something was heard, and maybe much: see Drawing. */
  hear() {
    this.#drawing.calmly();
  }

  /** Goes to the newest row, and stays there. */
  toNewest = () => {
    this.#divider.cancel();
    this.#window.toNewest();
    this.#keeper.pin();
    this.update();
  };

  /**
   * Goes to a message of the record.
   *
   * @param {string} id
   * @returns {Promise<void>} when it is drawn
   */
  bring(id) {
    return new Promise((done) => {
      this.#goal?.done();
      this.#goal = { id, done };
      this.update();
    });
  }

  // Paper has no edge to scroll to: all that was loaded is drawn for it.
  #print(whole) {
    this.#window.whole = whole;
    this.#draw();
  }

  #draw() {
    const view = this.#view();
    if (!view) return;
    const { record, drafts } = this.#drawn = view;
    const now = Date.now();
    const news = this.#news(view);
    const goal = this.#lead(record);
    const seeks = this.#divider.seek(record);
    if (!seeks) record.trim(this.#keeper.pinned ? MOST : MOST_AWAY);
    this.#window.fit(this.#scroller.clientHeight);
    if (!goal) this.#goOn(record.messages);
    const { start, end } = this.#window.part(record.messages, this.#keeper.pinned);
    this.#hold();
    this.#rows.place(timeline(this.#part(view, start, end), now), news && this.#window.atNewest);
    this.toggleAttribute('data-live', true);
    this.#start = start;
    this.#showTop(record);
    this.querySelector('.empty').hidden = !record.known || record.last > 0 || drafts.length > 0;
    if (goal) this.#goTo(goal);
    this.#settle();
    this.#sees();
    if (seeks) this.#seek(record);
    else this.#reach();
    this.#drawing.later(nextChange(drafts, now));
  }

  #part({ record, notices, drafts, me, id, away }, start, end) {
    const { messages } = record;
    return {
      messages: messages.slice(start, end), above: messages[start - 1], ends: this.#window.atNewest, unread: this.#divider.first,
      groups: settings.get('notes') === 'hidden' ? [] : notices.groups, drafts, me, id, away,
    };
  }

  // Whether others said something below all that was there. What is put in above is no news.
  #news({ record: { messages }, isMine }) {
    const news = !this.#fresh && saidAfter(messages, this.#newest, isMine) > 0;
    this.#newest = messages.at(-1)?.seq ?? 0;
    this.#fresh = false;
    return news;
  }

  // Where one is led to with this drawing: to what was asked for, or to what is unread.
  #lead(record) {
    const landing = this.#divider.landing(record);
    const asked = this.#goal && record.messages.find(({ id }) => id === this.#goal.id);
    const goal = asked ?? landing;
    if (!goal) return null;
    if (!asked) this.#seen = goal.seq - 1;
    this.#window.around(record.messages, goal.seq);
    this.#keeper.leave();
    return goal;
  }

  #goTo(goal) {
    const row = (goal === this.#divider.first && this.#rows.element('divider')) || this.#rows.element(goal.id);
    this.#scroller.scrollTop += row.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top - CONTEXT;
    this.#keeper.letGo();
    this.#goal?.done();
    this.#goal = null;
  }

  #seek(record) {
    this.#divider.asked(record);
    this.dispatchEvent(new CustomEvent('older', { bubbles: true }));
  }

  #showTop({ older, messages }) {
    const far = older && messages.length + PAGE > MOST_AWAY;
    showTop(this.#top, older && !far, this.#start === 0 && messages.length > 0, far);
    showPrinted(this.#top, older);
  }

  // The first message that is to be seen whole stays where it is, to the pixel.
  #hold() {
    this.#keeper.hold(this.#keeper.pinned ? null : this.#rows.first);
  }

  #settle() {
    if (!this.#keeper.settle(this.#scroller, this.#window.atNewest)) this.#hold();
  }

  // Narrower rows are higher, and some grow late: what was at the top is brought back to it.
  #resized() {
    this.#settle();
    this.#sees();
  }

  #scrolled = () => {
    this.#keeper.scrolled(this.#scroller, this.#window.atNewest);
    if (!this.#keeper.pinned) this.#divider.cancel();
    this.#hold();
    this.#sees();
    this.#reach();
  };

  // In one with what else is drawn: a first row that loses its day may only go where others come above it.
  #goOn(messages) {
    const edge = this.#keeper.edge(this.#scroller);
    if (edge < 0) this.#window.up(messages);
    if (edge > 0) this.#window.down(messages);
  }

  // Near an edge of what is drawn it is gone on, in the record or, above it, at the server.
  #reach() {
    const edge = this.#keeper.edge(this.#scroller);
    if (edge < 0 && this.#start === 0) this.#ask('older');
    else if (edge < 0 || (edge > 0 && !this.#window.atNewest)) this.update();
  }

  // What one has opened stays under the pointer; it opens downwards.
  #toggle = (button) => {
    this.#keeper.hold({ part: button, top: button.getBoundingClientRect().top });
    toggleNotices(button);
    this.#settle();
    this.#hold();
  };

  #ask(what, detail) {
    if (what === 'older' && this.#top.firstElementChild.hidden) return;
    this.dispatchEvent(new CustomEvent(what, { bubbles: true, detail }));
  }

  // What is on the screen is not new any more, may count as read, and is where Tab leads to.
  #sees() {
    if (!this.#drawn) return;
    const { record: { messages }, isMine } = this.#drawn;
    const seen = this.#keeper.pinned ? this.#newest : this.#rows.inSight.at(-1) ?? 0;
    this.#seen = Math.max(this.#seen, seen);
    this.#focus.settle(this.#rows.lowest);
    this.#reader.look();
    this.toggleAttribute('data-away', !this.#keeper.pinned);
    showJump(this.#jump, !this.#keeper.pinned, saidAfter(messages, this.#seen, isMine));
  }
}
