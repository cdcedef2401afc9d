/** A change shows at once, is sent once and in order, and what was refused is taken back. */

import { TIMES } from '../net/connection.js';
import { Changing } from '../net/changing.js';
import { RoomRecord } from '../model/room-record.js';
import { newRoom } from '../model/room.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  localStorage.clear();
  const wrong = [];
  const is = (what, got, want) => JSON.stringify(got) === JSON.stringify(want) || wrong.push(`${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`);
  const me = { name: 'Ann', id: 'a' };
  const room = Object.assign(newRoom('r'), { here: true });
  const said = (seq, what = {}) => ({ id: 'm' + seq, seq, rev: seq, from: 'Ann', author: 'a', text: 'text ' + seq, at: '', ...what });
  room.record = new RoomRecord();
  room.record.begin({ rev: 3, messages: [said(1), said(2), said(3)] });
  const becomes = (seq, what) => room.record.cover({ since: room.record.last, rev: room.record.last + 1, messages: [{ ...said(seq), rev: room.record.last + 1, ...what }] });
  const message = (seq) => room.record.messages.find((each) => each.seq === seq);
  const sent = [];
  const refusals = [];
  let up = true;
  const tab = () => {
    const changing = new Changing((command) => up && Boolean(sent.push(command)), () => room, (event, detail) => event === 'refusal' && refusals.push(`${detail.change.cmd} ${detail.code}`));
    changing.setUser(me);
    return changing;
  };
  const changing = tab();
  const seen = (seq, by = changing) => by.changes.over('r', message(seq), me);
  const ack = (cmd, seq) => changing.acknowledged(room, { cmd, seq });
  const refuse = (cmd, seq, code) => changing.refused(room, { cmd, seq, code }, code);

  const edit = changing.add(room, message(1), { cmd: 'edit', state: 'open', text: 'text 1', saw: 'text 1' });
  is('an open edit is not sent', sent.length, 0);
  is('its editor', seen(1).editing?.id, edit.id);
  changing.submit(room, edit.id, { rev: 1, saw: 'text 1', text: 'better' });
  changing.add(room, message(2), { cmd: 'react', emoji: '👍🏽', on: true });
  is('one at a time', sent, [{ cmd: 'edit', room: 'r', seq: 1, text: 'better', rev: 1 }]);
  is('both show at once', [seen(1).text, seen(2).reactions], ['better', [{ emoji: '👍🏽', count: 1, users: [{ id: 'a', name: 'Ann' }] }]]);
  ack('react', 1);
  is('an answer to another command', sent.length, 1);
  becomes(1, { text: 'better', edited_at: 'now' });
  ack('edit', 1);
  is('the next', sent.at(-1), { cmd: 'react', room: 'r', seq: 2, emoji: '👍🏽', on: true });
  changing.add(room, message(2), { cmd: 'react', emoji: '👍🏽', on: false });
  is('undone at once', seen(2).reactions, []);
  becomes(2, { reactions: [{ emoji: '👍🏽', count: 1, users: [{ id: 'a', name: 'Ann' }] }] });
  ack('react', 2);
  is('and sent', sent.at(-1).on, false);
  refuse('react', 2, 'busy');
  is('taken back', [refusals, seen(2).reactions.length], [['react busy'], 1]);

  const second = changing.add(room, message(1), { cmd: 'edit', text: 'best', saw: 'better' });
  refuse('edit', 1, 'conflict');
  is('a refused edit keeps its text', [changing.changes.get(second.id).state, seen(1).editing.text], ['failed', 'best']);
  const count = sent.length;
  const kept = tab();
  is('after a reload', [seen(1, kept).editing?.text, sent.length], ['best', count]);
  changing.withdraw(room, second.id);
  is('withdrawn', [seen(1).editing, seen(1).text], [undefined, 'better']);
  const third = changing.add(room, message(1), { cmd: 'edit', text: 'too late', saw: 'better' });
  refuse('edit', 1, 'gone');
  is('an edit of a deleted message', [refusals.at(-1), changing.changes.get(third.id)], ['edit gone', undefined]);

  up = false;
  room.here = false;
  changing.add(room, message(3), { cmd: 'pin', on: true });
  is('offline', [seen(3).pinned, sent.length], [{ by: { id: 'a', name: 'Ann' } }, count + 1]);
  room.here = up = true;
  changing.next(room);
  is('later', sent.at(-1), { cmd: 'pin', room: 'r', seq: 3, on: true });
  changing.lost(room);
  becomes(3, { pinned: { by: { id: 'a', name: 'Ann' }, at: 'now' } });
  const pins = sent.length;
  changing.next(room);
  is('what was made before the loss is not sent again', [sent.length, changing.changes.in('r').length], [pins, 0]);

  const { undo } = TIMES;
  TIMES.undo = 3_600_000;
  const deletion = changing.add(room, message(3), { cmd: 'delete', state: 'held' });
  is('held', [sent.length, seen(3).leaving.id], [pins, deletion.id]);
  changing.withdraw(room, deletion.id);
  is('undone', [sent.length, seen(3).leaving], [pins, undefined]);
  changing.add(room, message(3), { cmd: 'delete', state: 'held' });
  changing.flush();
  is('a page that is closed', sent.at(-1), { cmd: 'delete', room: 'r', seq: 3 });
  changing.add(room, message(2), { cmd: 'edit', state: 'open', text: 'mine', saw: 'text 2' });
  becomes(2, { text: '', deleted: { by: me, at: 'now' } });
  is('a tombstone has no editor', seen(2).editing, undefined);

  localStorage.clear();
  const [here, there] = [tab(), tab()];
  const tells = (by, { id }) => by.changedElsewhere('chatserver.change.' + id);
  const pinned = () => Boolean(seen(1, there).pinned);
  room.here = false; // both tabs are offline
  const pin = here.add(room, message(1), { cmd: 'pin', on: true });
  tells(there, pin);
  is('another tab shows it', pinned(), true);
  room.here = true;
  const soFar = sent.length;
  there.next(room);
  is('and leaves the sending to the first', sent.length, soFar);
  here.withdraw(room, pin.id);
  tells(there, pin);
  is('until it is withdrawn there', pinned(), false);
  const draft = here.add(room, message(1), { cmd: 'edit', state: 'open', text: 'draft', saw: 'best' });
  tells(there, draft);
  is('an edit that is being written stays in its tab', seen(1, there).editing, undefined);
  const own = there.add(room, message(1), { cmd: 'react', emoji: '🎉', on: true });
  tells(there, here.add(room, message(1), { cmd: 'react', emoji: '🎉', on: false }));
  is('a change of its own is not replaced', there.changes.of('r', 1).map(({ id }) => id), [own.id]);
  TIMES.undo = undo;
  localStorage.clear();
  return wrong.join('; ');
}
