package e2e

import (
	"fmt"
	"strings"

	"chatserver/chattest"
)

// scenes lists all screens of the page. Add new screens here, and they are checked in
// every look and language. They are shown one after the other on one server, in separate
// rooms where it matters.
var scenes = []scene{
	{name: "join", caption: "Joining", show: func(s *stage) {
		s.tab.Opens(s.world.URL("/"))
		s.tab.Labelled("Name").MustInput("Maud Lind")
	}},
	{name: "join-refused", show: func(s *stage) {
		s.tab.Opens(s.world.URL("/"))
		s.tab.Labelled("Name").MustInput("a/b")
		s.tab.Button("Connect").MustClick()
		s.tab.Sees("the refusal", `() => document.getElementById('name-error').textContent !== ''`)
	}},
	{name: "empty", caption: "An empty room", show: func(s *stage) {
		s.comesIn("/rooms/night-watch")
		s.tab.Sees("the empty room", `() => document.querySelector('[data-testid=empty]').checkVisibility()`)
	}},
	{name: "busy", caption: "A room", show: func(s *stage) { s.comesIn("/rooms/launch") }},
	{name: "hover", show: func(s *stage) {
		s.comesIn("/rooms/launch")
		s.tab.Touches("Priya Raman")
	}},
	{name: "message-menu", show: func(s *stage) {
		s.comesIn("/rooms/launch")
		s.tab.Touches("Priya Raman")
		s.tab.Part("more").MustClick()
	}},
	{name: "typing", show: func(s *stage) {
		s.comesIn("/rooms/launch")
		priya := s.world.Join("Priya R", "launch")
		priya.Asks("typing", "room", "launch")
		s.tab.Sees("who types", `() => document.querySelector('[data-testid=typing]').textContent.includes('Priya R')`)
	}},
	{name: "composer", caption: "The composer", show: func(s *stage) {
		s.comesIn("/rooms/launch")
		s.tab.Labelled("Message").MustInput("The deposit text is **nearly** done:\n\n- one line about refunds\n- one about the `fee`\n\nI will put it here before lunch.")
	}},
	{name: "emoji", caption: "Emoji", show: func(s *stage) {
		s.comesIn("/rooms/launch")
		s.tab.Part("emoji").MustClick()
		s.tab.SeesEmoji()
	}},
	{name: "suggestions", show: func(s *stage) {
		s.comesIn("/rooms/launch")
		s.tab.Labelled("Message").MustInput("Good :wav")
		s.tab.Sees("what is offered", `() => document.querySelector('[data-testid=suggestions]')?.checkVisibility()`)
	}},
	{name: "menu", caption: "The room menu", show: func(s *stage) {
		s.comesIn("/rooms/launch")
		s.tab.Button("Room menu").MustClick()
	}},
	{name: "settings", caption: "Settings", show: func(s *stage) {
		s.comesIn("/rooms/launch")
		s.tab.Chooses("Settings…")
	}},
	{name: "shortcuts", show: func(s *stage) {
		s.comesIn("/rooms/launch")
		s.tab.Chooses("Keyboard shortcuts")
	}},
	{name: "invite", caption: "Inviting people", show: func(s *stage) {
		s.comesIn("/rooms/launch")
		s.tab.Chooses("Invite people…")
		s.tab.Sees("the code", `() => { const image = document.querySelector('dialog[open] img'); return image !== null && image.complete && image.naturalWidth > 0; }`)
	}},
	{name: "switcher", caption: "Finding a room or a person", show: func(s *stage) {
		s.comesIn("/rooms/launch")
		s.tab.presses(true, false, false, "k")
		s.tab.Part("switcher-query").MustInput("o")
	}},
	{name: "card", caption: "A person's card", show: func(s *stage) {
		s.comesIn("/rooms/launch")
		s.tab.page.MustElement(".message-author").MustClick()
		s.tab.Sees("the card", `() => document.querySelector('[data-testid=card]').matches(':popover-open')`)
	}},
	{name: "drawer", caption: "Rooms and people on a phone", narrow: true, show: func(s *stage) {
		s.comesIn("/rooms/launch")
		s.tab.Size(390, 844)
		s.tab.page.MustElement(".room-header-rooms").MustClick()
		s.tab.Sees("the drawer", `() => document.querySelector('#sidebar').matches(':popover-open')`)
	}},
	{name: "unread", caption: "Unread messages", show: func(s *stage) {
		s.comesIn("/rooms/harbour")
		s.tab.Sees("that it is read", `() => JSON.stringify(localStorage).includes('harbour')`)
		s.tab.GoesTo("launch")
		harbour := s.world.Connect("Tomasz Wilk", "room=harbour")
		harbour.Hears("Tomasz Wilk connected to chat")
		for i := range 30 {
			text := fmt.Sprintf("Berth %d is swept and the lamp works.", i+1)
			harbour.Says(text)
			harbour.Hears("Tomasz Wilk: " + text)
		}
		harbour.Leaves()
		s.tab.GoesTo("harbour")
		s.tab.Sees("the divider", `() => document.querySelector('[data-testid=divider]') !== null`)
	}},
	{name: "came-and-went", show: func(s *stage) {
		s.comesIn("/rooms/jetty")
		for _, name := range []string{"Ada", "Ben", "Cleo", "Dan", "Eve"} {
			s.world.Connect(name, "room=jetty").Hears(name + " connected to chat")
		}
		s.tab.Sees("who came", `() => document.querySelector('[data-testid=notes-toggle]')?.checkVisibility()`)
		s.tab.Part("notes-toggle").MustClick()
	}},
	{name: "long", caption: "Long words, links, code and lists", show: func(s *stage) {
		s.comesIn("/rooms/long")
		ines := s.world.Connect("A name of thirty-two characters!", "room=long")
		for _, text := range []string{
			"A word that never ends: " + strings.Repeat("Donaudampfschifffahrt", 20),
			"https://skerry.example/" + strings.Repeat("a-long-path/", 30),
			"```\n" + strings.Repeat("a line of code that is wider than any screen ", 8) + "\n```",
			"> " + strings.Repeat("What was quoted is long, too. ", 20) + "\n\n1. one\n2. two\n   - and a half\n\n**Bold**, _italic_, ~~gone~~ and `code`.",
		} {
			ines.Says(text)
		}
		s.tab.Sees("the last of them", `() => [...document.querySelectorAll('[data-testid=message]')].length === 4`)
	}},
	{name: "refused", caption: "A message that could not be stored", show: func(s *stage) {
		s.comesIn("/rooms/launch")
		s.tab.Sees("what there is", `() => document.querySelectorAll('[data-testid=message]').length > 3`)
		s.after = s.world.LocksTheDatabase()
		s.tab.Says("Could somebody look at the fee line before lunch?")
		s.tab.Sees("that it failed", `() => document.querySelector('[data-testid=failed]')?.checkVisibility()`)
	}},
	// These two come last, because they stop the server.
	{name: "offline", caption: "The server is unreachable", show: func(s *stage) {
		s.comesIn("/rooms/launch")
		s.tab.Says("Could somebody look at the fee line before lunch tomorrow?")
		s.tab.Hears("Maud Lind: Could somebody look at the fee line before lunch tomorrow?")
		s.world.Stop()
		s.after = s.world.Start // the end of the test stops it again
		s.tab.Sees("the banner", `() => document.querySelector('[data-testid=banner]').checkVisibility()`)
		s.tab.Says("Also: the ferry company asked whether its passengers get 10 % off in December.")
		s.tab.Says("I said yes, until Christmas.")
		s.tab.Sees("what waits", `() => document.querySelector('[data-testid=pending]').checkVisibility()`)
	}},
	{name: "no-page", show: func(s *stage) { s.tab.Opens(s.world.URL("/rooms/no%20room")) }},
	{name: "offline-page", show: func(s *stage) {
		s.tab.Opens(s.world.URL("/offline"))
	}},
}

// comesIn connects Maud to a room.
func (s *stage) comesIn(path string) {
	s.t.Helper()
	s.tab.Opens(s.world.URL(path))
	s.tab.Labelled("Name").MustInput("Maud Lind")
	s.tab.Button("Connect").MustClick()
	s.tab.Sees("the room", `() => document.querySelector('[data-screen=room]').checkVisibility() && document.querySelector('[data-testid=status]').dataset.state === 'connected'`)
}

// Touches moves the pointer over an author's last message.
func (tab *Tab) Touches(author string) {
	tab.t.Helper()
	tab.find("a message of "+author, `(author) => [...document.querySelectorAll('[data-testid=message]')].findLast((row) => row.dataset.from === author)`, author).MustHover()
}

// people makes some people talk in a room before Maud joins.
func people(s *stage) {
	s.t.Helper()
	kofi := s.world.Connect("Kofi Asante", "room=launch")
	kofi.Hears("Kofi Asante connected to chat")
	say := map[string]*chattest.Person{}
	for _, name := range []string{"Ines Carvalho", "Tomasz Wilk", "Наталья Орлова", "سامي حداد", "Priya Raman"} {
		say[name] = s.world.Connect(name, "room=launch")
		kofi.Hears(name + " connected to chat")
	}
	for _, line := range [][2]string{
		{"Ines Carvalho", "Morning all. **Skerry goes live on Thursday at 10:00.** What is still open on your side?"},
		{"Ines Carvalho", "Mine are the deposit text and the cancellation page. Both are small."},
		{"Tomasz Wilk", "One bug left: a two-day booking over the clock change is charged as three. `Days` counts hours, so:\n```go\n" +
			"// Whole days, not 24 hours: two days a year have 23 or 25.\nfunc Days(from, to time.Time) int {\n\treturn int(date(to).Sub(date(from)) / day)\n}\n```"},
		{"Наталья Орлова", "Проверила на Хельсинки и Орте: теперь два дня, как и должно быть. Спасибо, Томаш!"},
		{"سامي حداد", "صور القوارب الجديدة جاهزة، حوالي ثلاثين صورة. سأرفعها إلى المعرض هذا المساء."},
		{"Priya Raman", "> What is still open on your side?\n\nThe harbour map. @Maud Lind, please try it on a slow phone."},
	} {
		say[line[0]].Says(line[1])
		kofi.Hears(line[0] + ": " + line[1]) // before the next one sends
	}
	for _, room := range []string{"harbour", "bookings"} {
		there := s.world.Connect("Ines Carvalho", "room="+room)
		there.Hears("Ines Carvalho connected to chat")
		there.Says("Opened for everything about " + room + ".")
		there.Hears("Ines Carvalho: Opened for everything about " + room + ".")
		there.Leaves()
	}
}
