package e2e

import (
	"fmt"
	"sync"
	"testing"

	"chatserver/chattest"
)

// While twenty people write as fast as they can, an open page gets all of their
// messages, in each sender's order, and is not disconnected as a slow consumer.
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
		window.cut = 0;
		window.told = [];
		socket.addEventListener('state', () => window.cut++);
		socket.addEventListener('message', ({ detail: { message } }) => window.told.push(message));
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
		if (window.cut > 0) return 'she was cut off';
		if (window.told.length !== many) return window.told.length + ' messages were heard';
		const said = new Map();
		for (const { from, text } of window.told) {
			if (text !== 'line ' + ((said.get(from) ?? 0) + 1)) return from + ' said ' + text + ' after line ' + said.get(from);
			said.set(from, Number(text.slice(5)));
		}
		return '';
	}`, senders*each).Str()
	if wrong != "" {
		t.Error(wrong)
	}
	ann.Sees("the newest", `() =>
		[...document.querySelectorAll('[data-testid=message]')].at(-1).dataset.seq === String(window.told.at(-1).seq)`)
	ann.IsAtNewest()
}
