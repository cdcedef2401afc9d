package e2e

import "testing"

// The parts of the page that know nothing of it, each by a table of cases. A
// case that fails is told in words; nothing is all there is to say if none does.
func TestThePartsOfThePageKeepTheirPromises(t *testing.T) {
	t.Parallel()
	keepTheirPromises(t, []part{
		{"a record takes what goes on where it ends, and nothing twice", `({ RoomRecord }) => {
			const m = (seq, rev = seq, text = '') => ({ id: 'id' + seq, seq, rev, from: 'Ann', text, at: '' });
			const page = (since, rev, ...messages) => ({ since, rev, messages });
			const record = new RoomRecord();
			record.begin({ rev: 12, messages: [m(10), m(11), m(12)] });
			const cases = [
				// what comes, what becomes of it, last, the seqs that are shown
				[page(12, 13, m(13)), 'taken', 13, '10 11 12 13'],
				[page(12, 13, m(13)), 'known', 13, '10 11 12 13'],
				[page(14, 15, m(15)), 'gap', 13, '10 11 12 13'],
				[page(13, 15, m(14), m(15)), 'taken', 15, '10 11 12 13 14 15'],
				[page(10, 15, m(11)), 'known', 15, '10 11 12 13 14 15'],
				[page(10, 16, m(15), m(16)), 'taken', 16, '10 11 12 13 14 15 16'],   // overlaps
				[page(16, 17, m(11, 17, 'edited')), 'taken', 17, '10 11 12 13 14 15 16'],
				[page(17, 18, m(3, 18, 'edited')), 'taken', 18, '10 11 12 13 14 15 16'], // above the window
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
			record.begin({ rev: 2, messages: [m(1), m(2)] });
			if (record.last !== 2 || record.lastId !== 'id2' || record.messages.length !== 2) wrong.push('a reset does not forget');
			return wrong.join('; ');
		}`, []string{"model/room-record.js"}},
		{"a wait is somewhere between nothing and a bound that doubles", `({ Backoff }) => {
			const bounds = (random, spread) => { const b = new Backoff(() => random); return [0, 1, 2, 3, 4, 5, 6].map(() => b.next(spread)).join(); };
			const cases = [
				[bounds(0), '0,0,0,0,0,0,0'],
				[bounds(1), '1000,2000,4000,8000,16000,30000,30000'],
				[bounds(.5), '500,1000,2000,4000,8000,15000,15000'],
				[bounds(1, 5000), '5000,5000,5000,8000,16000,30000,30000'],
			];
			const b = new Backoff(() => 1);
			b.next(); b.next(); b.reset();
			cases.push([String(b.next()), '1000']);
			return cases.filter(([got, want]) => got !== want).join('; ');
		}`, []string{"lib/backoff.js"}},
		{"drafts leave in order, by user and room, and survive", `({ Outbox }) => {
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
		}`, []string{"model/outbox.js"}},
		{"presence in its three forms", `({ Members }) => {
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
			return wrong.join('; ');
		}`, []string{"model/members.js"}},
		{"who is typing is forgotten", `({ Typing, typingSentence }) => {
			const typing = new Typing();
			for (const [name, at] of [['Ann', 0], ['Bob', 1000], ['Cid', 2000], ['Ann', 3000]]) typing.heard(name, at);
			const at = (now) => typingSentence(typing.names(now)).replace(/[\u2068\u2069]/g, '') + ' ' + typing.next(now);
			const cases = [[at(5000), 'Several people are typing… 1000'], [at(6500), 'Ann and Cid are typing… 500']];
			typing.done('Ann');
			cases.push([at(6600), 'Cid is typing… 400'], [at(7000), ' Infinity']);
			return cases.filter(([got, want]) => got !== want).join('; ');
		}`, []string{"model/typing.js"}},
		{"days, groups, notes, and what waits, in their order", `({ nextChange, timeline }) => {
			const now = new Date(2026, 5, 10, 12).getTime();
			const ago = (minutes) => new Date(now - minutes * 60_000).toISOString();
			const m = (seq, from, minutes) => ({ id: 'm' + seq, seq, rev: seq, from, text: '', at: ago(minutes) });
			const shown = (room, away) => timeline({ messages: [], groups: [], drafts: [], me: 'Ann', away, ...room }, now)
				.map((row) => row.kind === 'message' ? (row.further ? '+' : '') + row.from + (row.state && ' ' + row.state) : row.text.replace(/[\u2068\u2069]/g, '')).join(' / ');
			const draft = (minutes, failed = '') => ({ id: 'd' + minutes, text: '', at: now - minutes * 60_000, failed, final: false });
			const cases = [
				[shown({ messages: [m(1, 'Ann', 1500), m(2, 'Ann', 20), m(3, 'Ann', 16), m(4, 'Bob', 15), m(5, 'Ann', 14), m(6, 'Ann', 8)] }),
					'Yesterday / Ann / Today / Ann / +Ann / Bob / Ann / Ann'],
				[shown({ messages: [m(8, 'Bob', 3), m(9, 'Bob', 2)], groups: [
					{ after: 2, notes: [{ name: 'Eve', what: 'left' }] },
					{ after: 8, notes: [{ name: 'Cid', what: 'joined' }, { name: 'Dan', what: 'left' }, { name: 'Eve', what: 'joined' }, { name: 'Flo', what: 'joined' }] },
					{ after: 9, notes: [{ name: 'Cid', what: 'left' }] }] }),
					'Today / Bob / Dan left, Cid, Eve and 1 more joined / Bob / Cid left'],
				[shown({ messages: [m(1, 'Ann', 3)], drafts: [draft(2), draft(1, 'Not stored.'), draft(0)] }, true),
					'Today / Ann / +Ann pending / +Ann failed / +Ann pending / 2 messages will be sent when the connection is back'],
				[shown({ drafts: [draft(0)] }, false), 'Today / Ann pending'],
				[shown({ drafts: [draft(1)] }, false), 'Today / Ann pending / Sending 1 message'],
				[shown({ drafts: [draft(-5)] }, false), 'Today / Ann pending / Sending 1 message'], // the clock was set back
				[String(nextChange([{ at: now + 40 * 86_400_000 }], now) <= 86_400_000), 'true'],
			];
			return cases.filter(([got, want]) => got !== want).join('; ');
		}`, []string{"model/timeline.js"}},
		{"the names of rooms", `({ slugOf, titleOf, pathOf, roomOf }) => {
			const cases = [
				[slugOf('  Night  Watch '), 'night-watch'], [slugOf('a/b'), ''], [slugOf(''), ''], [slugOf('x'.repeat(65)), ''], [slugOf('Äpfel'), ''],
				[titleOf('night-watch'), 'Night watch'], [titleOf('--'), '--'],
				[pathOf('lobby'), '/'], [pathOf('x'), '/rooms/x'], [roomOf('/'), 'lobby'], [roomOf('/rooms/X-1'), 'x-1'],
			];
			return cases.filter(([got, want]) => got !== want).join('; ');
		}`, []string{"model/room-name.js"}},
		{"after which ends one comes back", `({ comesBack }) => {
			const wrong = [1000, 1001, 1006, 1007, 1009, 1011, 1012, 1013].filter((code) => !comesBack(code));
			return wrong.concat([1002, 1003, 1008].filter(comesBack)).join('; ');
		}`, []string{"net/close-reasons.js"}},
	})
}
