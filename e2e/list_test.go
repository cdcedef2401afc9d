package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chatserver/chattest"
)

// The number of drawn rows of a long room is bounded, and no
// message is lost.
func TestALongRoomIsDrawnInParts(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	bot := world.Connect("bot", "")
	ann.Follows(bot, 1, 10_000)
	ann.Hears("bot: line 9999", "bot: line 10000")
	ann.IsAtNewest()
	drawn(t, ann, "after 10,000 messages at the newest")

	// She scrolls up for a while, and down again; each time more rows are drawn.
	for range 30 {
		ann.readsOn(`(list) => { list.scrollTop = 200; }`)
	}
	drawn(t, ann, "after reading up")
	ann.page.MustEval(`() => { window.up = Number(document.querySelector('[data-testid=message-text]').textContent.slice(5)); }`)
	ann.Sees("far above", `() => window.up < 8800`)
	eve := world.Connect("Eve", "")
	ann.Stays(ann.InView(), func() {
		for i := range 3 {
			eve.Says(fmt.Sprint("news ", i))
		}
		ann.Shows("jump", "3 new")
	})
	for range 15 {
		ann.readsOn(`(list) => { list.scrollTop = list.scrollHeight - list.clientHeight - 200; }`)
	}
	drawn(t, ann, "after reading down")
	ann.Part("jump").MustClick()
	ann.Hears("bot: line 10000", "Eve: news 0", "Eve: news 1", "Eve: news 2")
	ann.IsAtNewest()

	// While she reads older messages, 1,000 new ones arrive: they are counted, and nothing
	// is drawn in her view.
	ann.ScrollsTo(-1500)
	ann.Stays(ann.InView(), func() {
		ann.Follows(bot, 10_001, 11_000)
		ann.Shows("jump", "1,000 new")
	})
	drawn(t, ann, "after 1,000 messages while away")
	ann.Part("jump").MustClick()
	ann.Hears("bot: line 10999", "bot: line 11000")
	ann.IsAtNewest()
	drawn(t, ann, "at the newest again")
}

// readsOn scrolls, and checks that the visible messages do not move and that no line is
// missing.
func (tab *Tab) readsOn(scroll string) {
	tab.t.Helper()
	result := tab.page.MustEval(`async () => {
		const frames = (n) => n ? new Promise(requestAnimationFrame).then(() => frames(n - 1)) : null;
		const list = document.querySelector('[data-testid=messages]');
		(` + scroll + `)(list);
		const { top } = list.getBoundingClientRect();
		const text = [...list.querySelectorAll('.message-text')].find((m) => m.getBoundingClientRect().top >= top);
		const before = text.getBoundingClientRect().top;
		await frames(4);
		const lines = [...list.querySelectorAll('.message-text')].map((m) => m.textContent).filter((t) => t.startsWith('line ')).map((t) => Number(t.slice(5)));
		const hole = lines.findIndex((n, i) => i > 0 && n !== lines[i - 1] + 1);
		if (hole > 0) return 'line ' + lines[hole] + ' after ' + lines[hole - 1];
		const moved = text.isConnected ? text.getBoundingClientRect().top - before : NaN;
		return moved === 0 ? '' : text.textContent + ' moved by ' + moved + ' px';
	}`).Str()
	if result != "" {
		tab.t.Errorf("%s: %s", scroll, result)
	}
}

func drawn(t *testing.T, tab *Tab, when string) {
	t.Helper()
	messages := tab.page.MustEval(`() => document.querySelectorAll('[data-testid=message]').length`).Int()
	nodes := tab.page.MustEval(`() => document.querySelectorAll('[role=log] *').length`).Int()
	t.Logf("%s: %d messages, %d elements", when, messages, nodes)
	if messages > 150 || messages < 50 {
		t.Errorf("%s %d messages are drawn", when, messages)
	}
}

func TestAReaderOfTheNewestMessageStaysThere(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	talks(world, "bot", 80)
	ann.Hears("bot: line 80")
	ann.IsAtNewest()

	ann.Size(800, 500) // the window gets smaller, or an on-screen keyboard appears
	ann.IsAtNewest()
	ann.Labelled("Message").MustInput(strings.Repeat("a line\n", 8))
	ann.IsAtNewest()
	ann.Runs(`() => [...document.querySelectorAll('.message-text')].at(-1).style.setProperty('height', '400px')`) // its height grows late
	ann.IsAtNewest()
	ann.Labelled("Message").MustSelectAllText().MustInput("")

	bot := world.Connect("bot", "")
	ann.ScrollsTo(-90) // she is still at the newest message
	bot.Says("near")
	ann.Hears("bot: near")
	ann.IsAtNewest()
	ann.ScrollsTo(-110)
	ann.Sees("the way back", `() => document.querySelector('[data-testid=jump]').checkVisibility()`)
	ann.Stays(ann.InView(), func() {
		bot.Says("one")
		ann.Shows("jump", "1 new")
		bot.Says("two")
		ann.Shows("jump", "2 new")
	})
	// A message that becomes visible is no longer new.
	ann.Runs(`() => [...document.querySelectorAll('.message')].at(-2).scrollIntoView({ block: 'end' })`)
	ann.ScrollsTo(-400)
	ann.Sees("no more than was not seen", `() => ['1 new', ''].includes(document.querySelector('[data-testid=jump] span').textContent)`)
	ann.Says("my own")
	ann.Hears("bot: two", "Ann: my own")
	ann.IsAtNewest()
}

// Nothing makes visible messages move.
func TestNothingMovesUnderTheEyes(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(360, 740)
	talks(world, "bot", 320)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Hears("bot: line 320")
	ann.ScrollsTo(700)
	text := ann.InView()
	ann.Stays(text, func() { // rows above grow late, as pictures and fonts do
		ann.Runs(`() => { document.querySelector('.message-text').style.height = '300px'; }`)
	})
	ann.Stays(text, func() { // also in a frame in which the list is drawn
		ann.Runs(`() => { document.querySelector('.message-text').style.height = '500px'; document.querySelector('message-list').update(); }`)
	})
	ann.Moves(text, -40, func() { // or in which she scrolls
		ann.Runs(`() => { document.querySelector('.message-text').style.height = '700px'; document.querySelector('[data-testid=messages]').scrollTop += 40; }`)
	})
	ann.Moves(text, 40, func() {
		ann.Runs(`() => { document.querySelector('.message-text').style.height = '600px'; document.querySelector('[data-testid=messages]').scrollTop -= 40; }`)
	})
	ann.Stays(text, func() { // so do rows below
		ann.Runs(`() => { [...document.querySelectorAll('.message-text')].at(-1).style.height = '300px'; }`)
	})
	ann.Stays(text, func() { // the visible rows change their width
		ann.Size(420, 700)
		ann.Size(360, 740)
	})
	first := `() => document.querySelector('.message-text').textContent === 'line 1'`
	for until := time.Now().Add(chattest.Patience); !ann.page.MustEval(first).Bool() && time.Now().Before(until); { // pages of history are inserted
		ann.readsOn(`(list) => { list.scrollTop = 30; }`)
	}
	ann.Sees("the first", first)
	ann.Shows("beginning", "This is the beginning of the room.")
}

// A late message is inserted at its place.
func TestALateMessageGetsItsPlace(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	talks(world, "bot", 3)
	ann.Hears("bot: line 1", "bot: line 2", "bot: line 3")
	ann.Runs(`() => {
		const { record } = document.querySelector('chat-room').socket.room('lobby');
		const [first, late, last] = record.messages;
		record.begin({ rev: record.last, messages: [first, last] });
		const list = document.querySelector('message-list');
		list.update();
		window.arrives = () => { record.put(late); list.update(); };
	}`)
	ann.Hears("bot: line 1", "bot: line 3")
	ann.Runs(`() => window.arrives()`)
	ann.Hears("bot: line 1", "bot: line 2", "bot: line 3")
}
