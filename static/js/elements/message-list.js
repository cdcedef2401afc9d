/**
 * <message-list>: the messages of a room. It follows the newest message while the reader is
 * there; otherwise nothing visible moves, whatever is added or removed, and a button counts new
 * messages. Of a long room only the part around the reader is drawn (list-window.js).
 *
 * Events (they bubble): `older`, to load older messages; `read`, detail the new read position as a
 * seq; `leave-list`, when the focus should return to the composer; and actions on a message:
 * `retry`, `edit` and `discard`, detail its id, and those of message-actions.js.
 */

import { Drawing } from '../lib/drawing.js';
import { UnreadDivider } from '../model/unread-divider.js';
import { watchListActions } from './list-actions.js';
import { showJump, showPrinted, showTop } from './list-edges.js';
import { ListFocus } from './list-focus.js';
import { ListReader } from './list-reader.js';
import { ListRows } from './list-rows.js';
import { ListWindow, countAfter } from '../model/list-window.js';
import { toggleNotices } from './notices-row.js';
import { ScrollKeeper } from '../model/scroll-keeper.js';
import { settings } from '../lib/settings.js';
import { nextChange, timeline } from '../model/timeline.js';

/** The number of messages to keep while the list follows the newest, so that a page that is open for weeks does not grow. */
const MOST = 1_000;

/** The number of messages to keep while the reader is elsewhere. Above it the oldest are dropped, and no older ones are loaded. */
const MOST_AWAY = 20_000;

/** The number of messages in a page of history. */
const PAGE = 100;

/** The distance of a target from the upper edge, in px, which leaves a little of the context visible. */
const CONTEXT = 96;

/**
 * @typedef {object} View  what the list shows
 * @property {import('../model/mainline.js').Mainline} record  or a ThreadRecord
 * @property {import('../model/notices.js').Notices} notices
 * @property {import('../model/outbox.js').Draft[]} drafts
 * @property {{after: number}|null} unread  the read position when the room was opened
 * @property {string} me         the reader's name
 * @property {(message: import('../model/room-record.js').Message) => boolean} isMine
 * @property {(message: import('../model/room-record.js').Message) => object} seen  adds the reader's own changes
 * @property {string|undefined} id  the reader's id
 * @property {boolean} away      whether there is no connection
 * @property {{seq: number, text: string}} [below]  a line below the message with that seq
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
  /** @type {View|null} the view that was drawn last */
  #drawn = null;
  /** The index in the record of the first drawn message. */
  #start = 0;
  #newest = 0;
  /** The seq up to which messages have been on the screen. */
  #seen = 0;
  #fresh = true;
  /** @type {{id: string, done: () => void}|null} the message to scroll to */
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

  /** Shows another room, at its newest message or at the first unread one. @param {() => View|null} view */
  show(view) {
    this.#view = view;
    this.begin();
  }

  /** Marks what is shown as not new: it is neither announced nor counted. */
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

  /** Schedules a drawing with the next frame. */
  update() { this.#drawing.soon(); }
  /** Schedules a drawing for events that may arrive in large numbers: see Drawing. */
  updateCalmly() { this.#drawing.calmly(); }

  /** Scrolls to the newest message, and follows it. */
  toNewest = () => {
    this.#divider.cancel();
    this.#window.toNewest();
    this.#keeper.pin();
    this.update();
  };

  /**
   * Scrolls to a message of the record.
   *
   * @param {string} id
   * @returns {Promise<void>} resolves when it is drawn
   */
  bring(id) {
    return new Promise((done) => {
      this.#goal?.done();
      this.#goal = { id, done };
      this.update();
    });
  }

  // Draws all loaded messages for printing, because paper cannot be scrolled.
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
    this.#hold();
    if (!goal) this.#goOn(record.messages);
    const { start, end } = this.#window.part(record.messages, this.#keeper.pinned);
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

  #part({ record, notices, drafts, me, id, seen, away, below = null }, start, end) {
    const { messages } = record;
    return {
      messages: messages.slice(start, end).map(seen), above: messages[start - 1], ends: this.#window.atNewest, unread: this.#divider.first,
      groups: settings.get('notes') === 'hidden' ? [] : notices.groups, drafts, me, id, away, below,
    };
  }

  // Reports whether there are new messages by others at the end. Older messages above are not new.
  #news({ record: { messages }, isMine }) {
    const news = !this.#fresh && countAfter(messages, this.#newest, isMine) > 0;
    this.#newest = messages.at(-1)?.seq ?? 0;
    this.#fresh = false;
    return news;
  }

  // Returns the message to scroll to with this drawing: a requested one, or the first unread one.
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

  // Keeps the first entirely visible message where it is, to the pixel, once what has grown in this frame is made up for.
  #hold() {
    this.#keeper.restore(this.#scroller);
    this.#keeper.hold(this.#keeper.pinned ? null : this.#rows.first, this.#scroller);
  }

  #settle() {
    if (!this.#keeper.settle(this.#scroller, this.#window.atNewest)) this.#hold();
  }

  // Restores the position after a resize: narrower rows are higher, and some grow later.
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

  // Moves the window in the same drawing as other changes: a first row may lose its day only when rows are added above it.
  #goOn(messages) {
    const edge = this.#keeper.edge(this.#scroller);
    if (edge < 0) this.#window.up(messages);
    if (edge > 0) this.#window.down(messages);
  }

  // Draws more near the edge of the drawn part, and requests older messages at the top of the record.
  #reach() {
    const edge = this.#keeper.edge(this.#scroller);
    if (edge < 0 && this.#start === 0) this.#ask('older');
    else if (edge < 0 || (edge > 0 && !this.#window.atNewest)) this.update();
  }

  // Keeps an opened row under the pointer; it expands downwards.
  #toggle = (button) => {
    this.#hold();
    this.#keeper.hold({ part: button, top: button.getBoundingClientRect().top }, this.#scroller);
    if (button.localName === 'summary') return; // the browser opens it, and the resize settles
    toggleNotices(button);
    this.#settle();
    this.#hold();
  };

  #ask(what, detail) {
    if (what === 'older' && this.#top.firstElementChild.hidden) return;
    this.dispatchEvent(new CustomEvent(what, { bubbles: true, detail }));
  }

  // Handles visible messages: they are no longer new, may count as read, and are what Tab reaches.
  #sees() {
    if (!this.#drawn) return;
    const { record: { messages }, isMine } = this.#drawn;
    const seen = this.#keeper.pinned ? this.#newest : this.#rows.inSight.at(-1) ?? 0;
    this.#seen = Math.max(this.#seen, seen);
    this.#focus.settle(this.#rows.lowest);
    this.#reader.look();
    this.toggleAttribute('data-away', !this.#keeper.pinned);
    showJump(this.#jump, !this.#keeper.pinned, countAfter(messages, this.#seen, isMine));
  }
}
