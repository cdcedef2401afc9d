package e2e

import "testing"

// The pure parts of the list: see TestThePartsOfThePageKeepTheirPromises.
// Checklist 20 to 22, 27 to 29, 31 to 35, 40.
func TestThePartsOfTheListKeepTheirPromises(t *testing.T) {
	t.Parallel()
	keepTheirPromises(t, []part{
		{"a window is bounded, and goes up and down without a hole", `({ ListWindow }) => {
			const wrong = [];
			const is = (what, got, want) => got === want || wrong.push(what + ': ' + got + ' instead of ' + want);
			const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => ({ seq: 2 * (from + i) })); // edits took the odd revs
			const list = new ListWindow();
			const part = (messages, pinned) => { const { start, end } = list.part(messages, pinned); return start + '-' + end + (list.atNewest ? '' : '…'); };
			is('empty', part([], true), '0-0');
			is('few', part(range(1, 10), true), '0-10');
			is('pinned', part(range(1, 1000), true), '850-1000');
			is('going up', list.up(range(1, 1000)), true);
			is('above', part(range(1, 1000), false), '800-950…');
			is('what comes outside', part(range(1, 1200), false), '800-950…');
			is('what comes above', part(range(-99, 1000), false), '900-1050…');
			is('what goes above', part(range(701, 1000), false), '100-250…');
			is('going down', list.down(range(1, 1000)), true);
			is('the end', part(range(1, 1000), false), '850-1000');
			is('no farther', list.down(range(1, 1000)), false);
			is('full, and something comes', part(range(1, 1001), false), '850-1000…');
			for (let i = 0; i < 40; i++) list.up(range(1, 1000));
			is('the beginning', part(range(1, 1000), false), '0-150…');
			is('no higher', list.up(range(1, 1000)), false);
			is('all of it trimmed', part(range(500, 1000), false), '0-150…');
			list.around(range(1, 1000), 2 * 400);
			is('around', part(range(1, 1000), false), '349-499…');
			list.around(range(1, 1000), 2 * 999);
			is('around the end', part(range(1, 1000), false), '850-1000');
			list.fit(4000);
			is('a wall', part(range(1, 1000), true), '555-1000');
			list.toNewest();
			is('cleared', part([], false), '0-0');
			is('and gone on', part(range(1, 5), false), '0-5');
			return wrong.join('; ');
		}`, []string{"model/list-window.js"}},
		{"the end is left by going up only, and is not where nothing newer is drawn", `({ ScrollKeeper }) => {
			const keeper = new ScrollKeeper();
			const at = (scrollTop, scrollHeight, ends = true, clientHeight = 500) => { keeper.scrolled({ scrollTop, scrollHeight, clientHeight }, ends); return keeper.pinned; };
			const cases = [
				[at(1000, 1500), true], [at(1000, 1900), true], // it grew
				[at(1000, 1900, true, 300), true],              // a keyboard opened
				[at(1301, 1900), true], [at(1299, 1900), false], // 100 px, and more
				[at(1350, 1900), true], [at(1350, 1900, false), false],
			];
			return cases.flatMap(([got, want], i) => got === want ? [] : [i]).join();
		}`, []string{"model/scroll-keeper.js"}},
		{"a message is read when it was there for a second", `({ Reading }) => {
			const wrong = [];
			const reading = new Reading();
			const is = (what, got, want) => got === want || wrong.push(what + ': ' + got);
			reading.begin(3);
			is('at once', reading.look([3, 4, 5], 0), false);
			is('soon', reading.wait(400), 600);
			is('a moment less', reading.look([3, 4, 5], 999), false);
			is('a second', reading.look([4, 5, 6], 1000) && reading.upTo, 5);
			is('the next', reading.wait(1000), 1000);
			is('looked away', reading.look([], 1500), false);
			is('nothing to wait for', reading.wait(1500), Infinity);
			is('back', reading.look([6, 7], 1600), false);
			is('from then on', reading.look([6, 7], 2100), false);
			is('scrolled on', reading.look([7], 2650) && reading.upTo, 7);
			is('above', reading.look([1, 2], 9000) || reading.look([1, 2], 19000), false);
			return wrong.join('; ');
		}`, []string{"model/reading.js"}},
		{"where what is unread begins, on entry", `({ Entry }) => {
			const wrong = [];
			const is = (what, got, want) => got === want || wrong.push(what + ': ' + got + ' instead of ' + want);
			const m = (seq, from = 'Bob') => ({ id: 'm' + seq, seq, from });
			const record = (from, to, more = {}) => ({ known: true, floor: from, older: from > 1, messages: Array.from({ length: to - from + 1 }, (_, i) => m(from + i)), ...more });
			const entry = (after) => new Entry(after === null ? null : { after }, ({ from }) => from === 'Ann');
			const seen = (entry, record) => (entry.seek(record) ? 'older' : (entry.landing(record)?.seq ?? '-') + ' ' + (entry.first?.seq ?? '-'));
			is('never here', seen(entry(null), record(1, 9)), '- -');
			is('all read', seen(entry(9), record(1, 9)), '- -');
			const some = entry(5);
			is('unknown', seen(some, { known: false, messages: [] }), '- -');
			is('some', seen(some, record(1, 9)), '6 6');
			is('once', seen(some, record(1, 20)), '- 6');
			const live = entry(9);
			seen(live, record(1, 9));
			is('what comes later', seen(live, record(1, 20)), '- -');
			is('mine only', seen(entry(1), record(1, 3, { messages: [m(1), m(2, 'Ann'), m(3, 'Ann')] })), '- -');
			is('mine first', seen(entry(1), record(1, 3, { messages: [m(1), m(2, 'Ann'), m(3)] })), '3 3');
			const far = entry(50);
			let floor = 401;
			for (; seen(far, record(floor, 500)) === 'older'; floor -= 100) { far.asked(record(floor, 500)); far.asked(record(floor, 500)); }
			is('pages back', floor, 1);
			is('found there', far.first?.seq, 51);
			const lost = entry(50);
			let pages = 0;
			for (floor = 9001; lost.seek(record(floor, 9100)); floor -= 100, pages++) lost.asked(record(floor, 9100));
			is('pages, and no more', pages, 10);
			is('the oldest there is', seen(lost, record(floor, 9100)), floor + ' -');
			is('nothing is fetched any more', lost.seek(record(floor - 100, 9100)), false);
			is('found by reading on', lost.seek(record(1, 9100)) || lost.first.seq, 51);
			is('and no second landing', lost.landing(record(1, 9100)), null);
			const gone = entry(5);
			gone.cancel();
			is('who went elsewhere', seen(gone, record(1, 9)), '- 6');
			return wrong.join('; ');
		}`, []string{"model/entry.js"}},
		{"who came and went, in a line and in whole", `({ sentencesOf }) => {
			const told = (...notes) => { const { text, whole } = sentencesOf(notes.map((note) => { const [name, what] = note.split(' '); return { name, what }; })); return [text, ...whole].join(' / ').replace(/[\u2068\u2069]/g, ''); };
			const cases = [
				[told('Bob joined'), 'Bob joined'],
				[told('Bob joined', 'Cid joined'), 'Bob and Cid joined'],
				[told('Bob joined', 'Cid left'), 'Cid left, Bob joined'],
				[told('Ann joined', 'Bob joined', 'Cid joined', 'Dan joined', 'Eve joined'), 'Ann, Bob and 3 more joined / Ann, Bob, Cid, Dan, and Eve joined'],
				[told('Ann joined', 'Bob left', 'Cid left', 'Dan left'), 'Bob, Cid and 1 more left, Ann joined / Bob, Cid, and Dan left / Ann joined'],
			];
			return cases.filter(([got, want]) => got !== want).join('; ');
		}`, []string{"model/notes.js"}},
		{"groups and days are right at the edges of what is drawn", `({ timeline }) => {
			const now = new Date(2026, 5, 10, 12).getTime();
			const m = (seq, from, minutes, author) => ({ id: 'm' + seq, seq, rev: seq, from, author, text: '', at: new Date(now - minutes * 60_000).toISOString() });
			const all = [m(1, 'Ann', 1500), m(2, 'Ann', 1499), m(4, 'Ann', 9), m(5, 'Ann', 8), m(6, 'Bob', 7, 'b1'), m(7, 'Bob', 6, 'b2'), m(8, 'Bob', 5, 'b2')];
			const groups = [{ after: 2, notes: [{ name: 'Cid', what: 'joined' }] }, { after: 6, notes: [{ name: 'Dan', what: 'left' }, { name: 'Ann', what: 'joined' }] }, { after: 8, notes: [{ name: 'Ann', what: 'joined' }, { name: 'Eve', what: 'left' }] }];
			const drafts = [{ id: 'd', text: '', at: now, failed: '' }];
			const shown = (room) => timeline({ messages: all, groups: [], drafts: [], me: 'Ann', away: false, ...room }, now)
				.map((row) => row.kind === 'message' ? (row.further ? '+' : '') + row.from : row.text.replace(/ [0-9].*|[\u2068\u2069]/g, ''));
			const wrong = [];
			const whole = shown({ groups, drafts });
			const want = 'Yesterday / Ann / +Ann / Cid joined / Today / Ann / +Ann / Bob / Dan left / Bob / +Bob / Eve left / Ann';
			if (whole.join(' / ') !== want) wrong.push(whole.join(' / '));
			// Wherever the page is cut, its halves are the whole.
			for (let i = 1; i < all.length; i++) {
				const halves = [...shown({ messages: all.slice(0, i), groups, drafts, ends: false }), ...shown({ messages: all.slice(i), above: all[i - 1], groups, drafts })];
				if (halves.join() !== whole.join()) wrong.push(i + ': ' + halves.join(' / '));
			}
			const marked = shown({ unread: all[3] }).join(' / ');
			if (marked !== 'Yesterday / Ann / +Ann / Today / Ann / New since / Ann / Bob / Bob / +Bob') wrong.push(marked);
			if (shown({ messages: all.slice(4), above: all[3], unread: all[3] }).includes('New since')) wrong.push('a divider above what is drawn');
			if (shown({ messages: all.slice(0, 2), unread: all[3] }).includes('New since')) wrong.push('a divider below it');
			return wrong.join('; ');
		}`, []string{"model/timeline.js"}},
	})
}
