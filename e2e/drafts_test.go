package e2e

import (
	"testing"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
)

// Again opens another tab of the same person.
func (tab *Tab) Again(b *Browser) *Tab {
	tab.t.Helper()
	page, err := tab.page.Browser().Page(proto.TargetCreateTarget{URL: "about:blank"})
	if err != nil {
		tab.t.Fatal(err)
	}
	return b.watch(page)
}

// Crashes kills the tab without a chance to do anything more.
func (tab *Tab) Crashes() {
	tab.t.Helper()
	if err := (proto.InspectorEnable{}).Call(tab.page); err != nil {
		tab.t.Fatal(err)
	}
	gone := tab.page.WaitEvent(&proto.InspectorTargetCrashed{})
	page, cancel := tab.page.WithCancel()
	defer cancel()
	go func() { _ = proto.PageCrash{}.Call(page) }() // a crashed page does not answer
	gone()
}

func TestEveryRoomKeepsItsDraft(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	bot := world.Connect("bot", "room=night-watch")
	bot.Says("something")
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	ann.Types("for the lobby")
	ann.Link("Night watch").MustClick()
	ann.Shows("room-title", "Night watch")
	ann.Written("")
	ann.Types("for the night")
	ann.Link("Lobby").MustClick()
	ann.Written("for the lobby")
	ann.Reloads()
	ann.Shows("status", "Connected")
	ann.Written("for the lobby")
	ann.Types(", and more")
	ann.Written("for the lobby, and more")

	ann.Crashes()
	ann = ann.Again(browser)
	ann.Opens(world.URL("/rooms/night-watch"))
	ann.Shows("status", "Connected")
	ann.Written("for the night")
	ann.Link("Lobby").MustClick()
	ann.Written("for the lobby, and more")
	ann.page.KeyActions().Type(input.Enter).MustDo()
	bob.Hears("Ann: for the lobby, and more")
	ann.Reloads()
	ann.Shows("status", "Connected")
	ann.Hears("Ann: for the lobby, and more")
	ann.Written("")
}

// Whenever the page crashes, what she wrote is kept, in the composer or in the outbox.
func TestNothingIsLostBetweenWritingAndSending(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := together(world, browser, "Ann")[0]
	ann.Types("precious")
	ann.page.MustEval(`() => {
		window.kept = [];
		for (const name of ['setItem', 'removeItem']) {
			const real = Storage.prototype[name];
			Storage.prototype[name] = function (...args) {
				real.apply(this, args);
				const places = Object.entries(localStorage).filter(([, value]) => value.includes('precious')).map(([key]) => key.split('.')[1]);
				if (this === localStorage) kept.push(places.sort().join(' and '));
			};
		}
	}`)
	ann.page.KeyActions().Type(input.Enter).MustDo()
	ann.Hears("Ann: precious")
	ann.Sees("it kept all the time", `() => kept.filter((places, i) => places !== kept[i - 1]).slice(0, 2).join() === 'draft and outbox,outbox'`)
}
