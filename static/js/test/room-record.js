/** A record takes what continues it, and nothing twice. */

import { RoomRecord } from '../model/room-record.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const m = (seq, rev = seq, text = '') => ({ id: 'id' + seq, seq, rev, from: 'Ann', text, at: '' });
  const page = (since, rev, ...messages) => ({ since, rev, messages });
  const record = new RoomRecord();
  record.begin({ rev: 12, messages: [m(10), m(11), m(12)] });
  const cases = [
    // the page, the result, last, and the seqs that are shown
    [page(12, 13, m(13)), 'taken', 13, '10 11 12 13'],
    [page(12, 13, m(13)), 'known', 13, '10 11 12 13'],
    [page(14, 15, m(15)), 'gap', 13, '10 11 12 13'],
    [page(13, 15, m(14), m(15)), 'taken', 15, '10 11 12 13 14 15'],
    [page(10, 15, m(11)), 'known', 15, '10 11 12 13 14 15'],
    [page(10, 16, m(15), m(16)), 'taken', 16, '10 11 12 13 14 15 16'],   // overlaps
    [page(16, 17, m(11, 17, 'edited')), 'taken', 17, '10 11 12 13 14 15 16'],
    [page(17, 18, m(3, 18, 'edited')), 'taken', 18, '10 11 12 13 14 15 16'], // above the record
    [page(18, 20), 'taken', 20, '10 11 12 13 14 15 16'],
  ];
  const wrong = cases.flatMap(([what, became, last, seqs], i) => {
    const got = [record.cover(what), record.last, record.messages.map(({ seq }) => seq).join(' ')].join();
    return got === [became, last, seqs].join() ? [] : [i + ': ' + got];
  });
  if (record.messages[1].text !== 'edited') wrong.push('an edit is lost');
  if (record.reachBack({ before: 9, messages: [m(8)], more: false })) wrong.push('a page of another edge is taken');
  record.reachBack({ before: 10, messages: [m(2), m(3), m(4)], more: true });
  if (record.floor !== 2 || !record.older || record.messages[1].text !== 'edited') wrong.push('an edit above the window is lost');
  record.reachBack({ before: 2, messages: [m(1)], more: false });
  if (record.older) wrong.push('there is more above the first');
  record.put(m(11, 11, 'old'));
  if (record.messages.find(({ seq }) => seq === 11).text !== 'edited') wrong.push('a lower rev wins');
  record.trim(2);
  if (record.floor !== 15 || record.has('id11') || !record.has('id16')) wrong.push('trimmed to ' + record.floor);
  record.trim(0);
  if (record.floor !== 21 || record.cover(page(20, 21, m(21))) !== 'taken' || record.messages.length !== 1) wrong.push('cleared, it does not go on');
  const reply = { ...m(2), reply_to: { seq: 1, from: 'Ann', text: '' } };
  record.begin({ rev: 2, messages: [m(1), reply] });
  record.cover(page(2, 3, m(1, 3, 'edited')));
  if (record.messages[1].reply_to.text !== 'edited') wrong.push('a quote is older than its original');
  record.cover(page(3, 4, { ...m(1, 4), deleted: {} }));
  if (JSON.stringify(record.messages[1].reply_to) !== '{"seq":1}') wrong.push('a quote outlives its original');
  record.begin({ rev: 2, messages: [m(1), m(2)] });
  if (record.last !== 2 || record.lastId !== 'id2' || record.messages.length !== 2) wrong.push('a reset does not forget');
  return wrong.join('; ');
}
