package e2e

import (
	"fmt"
	"sync"
	"testing"

	"chatserver/chattest"
)

// While twenty people write as fast as they can, an open page gets all of their
// messages, in each sender's order. It leaves four fifths of the time to receiving, because the
// server disconnects slow consumers; how many messages a second that is depends on the
// machine.
func TestAPageKeepsUpWithManySenders(t *testing.T) {
	t.Parallel()
	const senders, each = 20, 500
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Runs(`() => {
		const { socket } = document.querySelector('chat-room');
		const log = document.querySelector('[role=log]');
		window.cut = 0;
		window.told = [];
		socket.addEventListener('state', () => window.cut++);
		let [drawing, began] = [0, 0];
		socket.addEventListener('message', ({ detail: { message } }) => {
			if (window.told.push(message) === 1) [drawing, began] = [0, performance.now()];
			else window.share = drawing / (performance.now() - began);
		});
		const frame = window.requestAnimationFrame;
		window.requestAnimationFrame = (draw) => frame((at) => {
			const [since, last] = [performance.now(), log.lastElementChild];
			draw(at);
			if (log.lastElementChild !== last) drawing += performance.now() - since; // it drew the list
		});
	}`)
	bots := make([]*chattest.Person, senders)
	for i := range bots {
		bots[i] = world.Connect(fmt.Sprint("bot", i), "")
	}
	var all sync.WaitGroup
	for _, bot := range bots {
		all.Go(func() { sayLines(bot, 1, each) })
	}
	all.Wait()
	ann.Sees("all that was said", `(many) => document.querySelector('chat-room').socket.room('lobby').record.last === many`, senders*each)
	wrong := ann.page.MustEval(`(many) => {
		if (window.share > 0.3) return Math.round(100 * window.share) + ' % of the time went into drawing the list';
		if (window.cut === 0 && window.told.length !== many) return window.told.length + ' messages were heard';
		const said = new Map();
		for (const { from, text } of window.told) { // she hears not all of them if she was cut off, and reads the others
			const [n, last] = [Number(text.slice(5)), said.get(from) ?? 0];
			if (window.cut === 0 ? n !== last + 1 : n <= last) return from + ' said ' + text + ' after line ' + last;
			said.set(from, n);
		}
		return '';
	}`, senders*each).Str()
	if wrong != "" {
		t.Error(wrong)
	}
	ann.Runs(`() => { if (window.cut > 0) document.querySelector('[data-testid=jump]').click(); }`) // she may have come back to the first unread message
	ann.Sees("the newest", `(many) => [...document.querySelectorAll('[data-testid=message]')].at(-1).dataset.seq === String(many)`, senders*each)
	ann.IsAtNewest()
}
