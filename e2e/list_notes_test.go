package e2e

import (
	"fmt"
	"testing"

	"chatserver/chattest"
)

// At midnight, without a reload.
func TestTheDayTurnsAtMidnight(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	bot := world.Connect("bot", "")
	bot.Says("just before midnight")
	bot.Hears("bot connected to chat", "bot: just before midnight")
	// For her page, the day ends an hour after the load. The test makes the hour pass.
	ann.Evaluates(`{
		const now = new Date();
		let early = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1) - now - 3_600_000;
		const RealDate = Date;
		globalThis.Date = class extends RealDate {
			constructor(...what) { what.length ? super(...what) : super(RealDate.now() + early); }
			static now() { return RealDate.now() + early; }
		};
		const later = window.setTimeout;
		window.hourly = [];
		window.setTimeout = (act, ms, ...rest) => {
			if (ms > 1_800_000 && ms <= 3_600_000) window.hourly.push(act);
			return later(act, ms, ...rest);
		};
		window.passes = () => {
			early += 3_600_000;
			for (const act of window.hourly.splice(0)) act();
		};
	}`)
	ann.Opens(world.URL("/"))
	ann.page.MustEval(`() => { window.sameLoad = true; }`)
	ann.Connects("Ann", "")
	ann.Shows("day", "Today")
	ann.Sees("a timer for midnight", `() => window.hourly.length > 0`)
	ann.page.MustEval(`() => window.passes()`)
	ann.Shows("day", "Yesterday")
	ann.Sees("the page as it was loaded", `() => window.sameLoad && document.querySelectorAll('[data-testid=day]').length === 1`)
}

func TestJoinsAndLeavesAreLines(t *testing.T) {
	t.Parallel()
	world, ann := readsTheLobby(t)
	bot := world.Connect("bot", "")
	ann.Notes("bot joined")
	for i := range 60 {
		bot.Says(fmt.Sprint("line ", i+1))
	}
	ann.Hears("bot: line 60")
	ann.IsAtNewest()
	ann.ScrollsTo(-400)
	members := []string{"Ann", "bot"}
	for _, name := range []string{"Bob", "Cid", "Dan", "Eve", "Flo"} {
		world.Connect(name, "")
		members = append(members, name)
		ann.Members(members...)
	}
	ann.Sees("that nothing is new", `() => document.querySelector('[data-testid=jump] span').textContent === ''`)
	ann.Part("jump").MustClick()
	ann.Notes("Bob, Cid and 3 more joined")
	ann.Button("Bob, Cid and 3 more joined").MustClick()
	ann.Sees("everybody's name", `() => document.querySelector('[data-testid=notes-toggle]:not([hidden])').ariaExpanded === 'true'
		&& document.querySelector('[data-testid=notes-whole]:not([hidden])').innerText === 'Bob, Cid, Dan, Eve, and Flo joined'`)
	bot.Leaves()
	ann.Sees("what was opened is open", `() => document.querySelector('[data-testid=notes-whole]:not([hidden])').innerText === 'bot left\nBob, Cid, Dan, Eve, and Flo joined'`)
	ann.Button("bot left, Bob, Cid and 3 more joined").MustClick()
	ann.Notes("bot left, Bob, Cid and 3 more joined")

	ann.Imports(`({ settings }) => { settings.set('notes', 'hidden'); }`, "lib/settings.js")
	ann.Sees("no such lines", `() => document.querySelector('[data-testid=notes]') === null`)
	ann.Imports(`({ settings }) => { settings.set('notes', 'shown'); }`, "lib/settings.js")
	ann.Notes("bot left, Bob, Cid and 3 more joined")
}
