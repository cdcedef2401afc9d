/** Presence in its three forms. */

import { Members } from '../model/members.js';

/** @returns {string} a description of the failures; '' if there are none */
export default function () {
  const wrong = [];
  const members = new Members();
  const is = (what, got, want) => got === want || wrong.push(what + ': ' + got);
  const names = () => members.list.map(({ name }) => name).join() + ' ' + members.online;
  const news = (presence, now = 0) => { const { joined, left } = members.apply(presence, now); return joined + '|' + left; };
  members.begin({ members: [{ name: 'Ann' }], online: 1 }, 0);
  is('joined', news({ joined: [{ name: 'Ann' }, { name: 'Bob' }], left: [], online: 2 }), 'Bob|');
  is('list', names(), 'Ann,Bob 2');
  is('joined again', news({ joined: [{ name: 'Ann', age: 26 }], left: [], online: 2 }), '|');
  is('with another age', members.list[0].name + members.list[0].age, 'Ann26');
  is('left', news({ joined: [], left: [{ name: 'Bob' }, { name: 'Cid' }], online: 1 }), '|Bob');
  is('whole', news({ members: [{ name: 'Cid' }], online: 1 }), '|');
  is('replaced', names(), 'Cid 1');
  is('crowd', news({ online: 3000 }), '|');
  is('counted', names(), 'Cid 3000');
  members.begin({ members: [{ name: 'Ann' }], online: 1 }, 1000);
  is('who comes back as we do', news({ joined: [{ name: 'Cid' }], online: 2 }, 2000), '|');
  is('who comes anew', news({ joined: [{ name: 'Dan' }], online: 3 }, 2000), 'Dan|');
  members.begin({ members: [{ name: 'Ann', id: 'a' }, { name: 'Bob', id: 'b' }], online: 2 }, 100_000);
  is('another Ann', news({ joined: [{ name: 'Ann', id: 'c' }], left: [], online: 3 }, 200_000), 'Ann|');
  is('the first Ann leaves', news({ joined: [], left: [{ name: 'Ann', id: 'a' }], online: 2 }, 200_000), '|Ann');
  is('the other one stays', members.list.map(({ id }) => id).join(), 'b,c');
  return wrong.join('; ');
}
