/** Drafts are kept per user and room, sent in order, and survive a reload. */

import { Outbox } from '../model/outbox.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const wrong = [];
  const is = (what, got, want) => got === want || wrong.push(what + ': ' + got);
  const texts = (box, room) => box.in(room).map(({ text }) => text).join();
  localStorage.clear();
  const ann = new Outbox('Ann');
  const [one, two] = [ann.add('lobby', 'one'), ann.add('lobby', 'two')];
  ann.add('other', 'three');
  is('ids', /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(one.id) && one.id !== two.id, true);
  is('next', ann.next('lobby').text, 'one');
  is('after a crash', texts(new Outbox('Ann'), 'lobby'), 'one,two');
  is('of another', texts(new Outbox('Bob'), 'lobby'), '');
  ann.fail(one.id, 'Not stored.', false);
  is('after one that failed', ann.next('lobby').text, 'two');
  is('failed, after a crash', new Outbox('Ann').in('lobby')[0].failed, 'Not stored.');
  ann.retry(one.id);
  is('retried', ann.next('lobby').text, 'one');
  is('with its id', ann.next('lobby').id, one.id);
  ann.remove(one.id);
  is('acknowledged', ann.next('lobby').text, 'two');
  is('twice', ann.remove(one.id), undefined);
  is('gone for good', texts(new Outbox('Ann'), 'lobby'), 'two');
  is('rooms', [...ann.rooms].join(), 'lobby,other');
  const tab = new Outbox('Ann');
  ann.remove(two.id);
  tab.removedElsewhere('chatserver.outbox.' + two.id);
  is('acknowledged in another tab', texts(tab, 'lobby'), '');
  localStorage.setItem('chatserver.outbox.x', '{half');
  is('half written', texts(new Outbox('Ann'), 'other'), 'three');
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
  is('without storage', ann.add('lobby', 'four') && texts(ann, 'lobby'), 'four');
  Storage.prototype.setItem = setItem;
  localStorage.clear();
  return wrong.join('; ');
}
