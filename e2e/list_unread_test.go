package e2e

import "testing"

func TestUnreadMessagesAreMarkedOnJoining(t *testing.T) {
	t.Parallel()
	world, ann := readsTheLobby(t)
	talks(world, "bot", 3)
	ann.Hears("bot: line 3")
	ann.ReadUpTo("lobby", "line 3")
	none := `() => document.querySelector('[data-testid=divider]') === null`
	ann.Sees("no divider for what is said before her eyes", none)

	ann.Opens(world.URL("/rooms/elsewhere"))
	talks(world, "bot", 2)
	ann.Shows("status", "Connected")
	ann.Shows("room-title", "Elsewhere")
	ann.Link("Lobby").MustClick()
	divided := `(n) => {
		const divider = document.querySelector('[data-testid=divider]');
		const { length } = document.querySelectorAll('[data-testid=message]');
		const after = [...document.querySelectorAll('[data-testid=message]')].filter((m) => divider?.compareDocumentPosition(m) & 4);
		const time = new Intl.DateTimeFormat(navigator.language, { timeStyle: 'short' }).format(new Date(after[0]?.querySelector('time').dateTime ?? 0));
		return divider !== null && length > 0 && after.length === n && divider.textContent === 'New since ' + time && !after[0].matches('[data-further]');
	}`
	ann.Sees("the divider above two messages", divided, 2)
	ann.IsAtNewest() // all of them fit on the screen
	ann.ReadUpTo("lobby", "line 2")
	ann.Says("I have read it")
	ann.Hears("Ann: I have read it")
	ann.Sees("the divider, as long as she stays", divided, 3)
	ann.ReadUpTo("lobby", "I have read it")

	ann.Link("Elsewhere").MustClick()
	ann.Shows("room-title", "Elsewhere")
	ann.Link("Lobby").MustClick()
	ann.Hears("Ann: I have read it")
	ann.Sees("no divider on the next entry", none)
}

// Also when the first unread message is above what is loaded, except if it
// is very far away.
func TestAReturningReaderContinuesWhereTheyStopped(t *testing.T) {
	t.Parallel()
	world, ann := readsTheLobby(t)
	ann.Says("until here")
	ann.ReadUpTo("lobby", "until here")

	ann.Opens("about:blank")
	talks(world, "bot", 350)
	ann.Opens(world.URL("/"))
	ann.Sees("the divider near the top of the view", `() => {
		const { top } = document.querySelector('[data-testid=messages]').getBoundingClientRect();
		const divider = document.querySelector('[data-testid=divider]')?.getBoundingClientRect().top - top;
		return divider > 40 && divider < 200;
	}`)
	if got := ann.InView(); got != "until here" && got != "line 1" {
		t.Errorf("the first visible message is %q", got)
	}
	ann.Sees("how many there are below", `() => {
		const n = parseInt(document.querySelector('[data-testid=jump] span').textContent);
		return n > 300 && n < 350;
	}`)
	for range 3 {
		ann.readsOn(`(list) => { list.scrollTop += 900; }`)
	}
	ann.Sees("fewer", `() => parseInt(document.querySelector('[data-testid=jump] span').textContent) < 300`)
	ann.Part("jump").MustClick()
	ann.Hears("bot: line 350")
	ann.IsAtNewest()
	ann.ReadUpTo("lobby", "line 350")

	ann.Opens("about:blank")
	talks(world, "bot", 2500)
	ann.Opens(world.URL("/"))
	ann.Sees("the oldest of ten pages, and no divider at a wrong place", `() => {
		const list = document.querySelector('[data-testid=messages]');
		const first = [...list.querySelectorAll('.message-text')].find((m) => m.getBoundingClientRect().top >= list.getBoundingClientRect().top);
		const n = Number(first?.textContent.slice(5));
		return n > 1350 && n < 1450 && document.querySelector('[data-testid=divider]') === null;
	}`)
}

// Every case in which a message does not count as read.
func TestAMessageIsReadWhenSomebodyLooksAtIt(t *testing.T) {
	t.Parallel()
	world, ann := readsTheLobby(t)
	talks(world, "bot", 60)
	ann.ReadUpTo("lobby", "line 60")
	ann.Runs(`() => {
		window.told = [];
		addEventListener('read', ({ detail }) => window.told.push(detail));
		const now = performance.now.bind(performance);
		window.clock = 0;
		performance.now = () => now() + window.clock;
	}`)
	unread := func(why string, change, back func()) {
		t.Helper()
		change()
		bot := world.Connect("bot", "")
		bot.Says(why)
		ann.Sees(why, `(text) => document.querySelector('chat-room').socket.room('lobby').record.messages.at(-1).text === text`, why)
		ann.settle()
		ann.Runs(`() => { window.clock += 1500; dispatchEvent(new Event('focus')); }`) // longer than the delay
		if ann.page.MustEval(`() => window.told.length`).Int() != 0 {
			t.Errorf("read, though %s", why)
		}
		back()
		ann.ReadUpTo("lobby", why)
		ann.page.MustEval(`() => { window.told = []; }`)
		bot.Leaves()
	}
	unread("the window has no focus", func() {
		ann.Runs(`() => { document.hasFocus = () => false; dispatchEvent(new Event('blur')); }`)
	}, func() {
		ann.Runs(`() => { delete document.hasFocus; dispatchEvent(new Event('focus')); }`)
	})
	unread("the tab is hidden", func() {
		ann.Runs(`() => { Object.defineProperty(document, 'hidden', { value: true, configurable: true }); document.dispatchEvent(new Event('visibilitychange')); }`)
	}, func() {
		ann.Runs(`() => { delete document.hidden; document.dispatchEvent(new Event('visibilitychange')); }`)
	})
	unread("she reads above", func() { ann.ScrollsTo(-700) }, func() { ann.Part("jump").MustClick() })

	// Less than a second is only a glance. The test controls the page's clock.
	ann.Runs(`() => { const now = performance.now(); window.clock = 0; performance.now = () => now + window.clock; }`) // and stands still
	world.Connect("bot", "").Says("a glance")
	ann.Hears("bot: a glance")
	ann.settle()
	ann.Runs(`() => { window.clock = 900; dispatchEvent(new Event('focus')); }`)
	if ann.page.MustEval(`() => window.told.length`).Int() != 0 {
		t.Error("read after 0.9 s")
	}
	ann.Runs(`() => { window.clock = 1100; dispatchEvent(new Event('focus')); }`)
	ann.ReadUpTo("lobby", "a glance")
}
