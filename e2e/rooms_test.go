package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"
	"github.com/google/uuid"

	"chatserver/chattest"
	"chatserver/config"
)

func TestRoomsOpenWithoutLoadingThePage(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann, bob := browser.Person(), browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.page.MustEval(`() => { window.sameLoad = true; }`)
	ann.Says("in the lobby")
	ann.Hears("Ann: in the lobby")
	ann.Labelled("Message").MustInput("half a sentence")

	// An invalid room name is reported, a valid one opens.
	ann.Labelled("New room").MustInput("Nacht/Wache")
	ann.page.KeyActions().Press('\r').MustDo()
	ann.Shows("new-room-error", "Use 1–64 lowercase letters, digits, - or _.")
	ann.Labelled("New room").MustSelectAllText().MustInput("Night  Watch")
	ann.Button("Open").MustClick()
	ann.Shows("room-title", "Night watch")
	ann.Shows("empty", "No messages in Night watch yet")
	ann.Sees("its address", `() => location.pathname === '/rooms/night-watch' && document.title === 'Night watch · chatserver'`)
	ann.Shows("empty", "/chat/you?room=night-watch")
	ann.Says("all quiet")
	ann.Hears("Ann: all quiet")

	bob.Opens(world.URL("/"))
	bob.Connects("Bob", "")
	bob.Link("Night watch").MustClick()
	bob.Hears("Ann: all quiet")
	ann.Members("Ann", "Bob")
	bob.Says("hello Ann")
	ann.Hears("Ann: all quiet", "Bob: hello Ann")

	ann.page.MustNavigateBack()
	ann.Hears("Ann: in the lobby")
	ann.Shows("room-title", "Lobby")
	ann.Members("Ann", "Bob")
	ann.Written("half a sentence")
	ann.Sees("a draft's mark nowhere", `() => [...document.querySelectorAll('.room-row-draft')].every((mark) => !mark.checkVisibility())`)
	ann.page.MustNavigateForward()
	ann.Hears("Ann: all quiet", "Bob: hello Ann")
	ann.Sees("a draft's mark", `() => [...document.querySelectorAll('.room-row-draft')].filter((mark) => mark.checkVisibility()).length === 1`)
	ann.Link("Lobby").MustClick()
	bob.Says("while she looks elsewhere")
	ann.Link("Night watch").MustClick()
	ann.Hears("Bob: hello Ann", "Bob: while she looks elsewhere")
	ann.Sees("the page as it was loaded", `() => window.sameLoad && !document.querySelector('[data-testid=message] b')`)

	ann.Opens(world.URL("/rooms/night-watch"))
	ann.Hears("Ann: all quiet", "Bob: hello Ann", "Bob: while she looks elsewhere")
}

func TestMembersAreListedAndTheirTypingIsSeen(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.AnnounceLimit = 4 })), NewBrowser(t)
	ann, bob := browser.Person(), browser.Person()
	ann.Size(1280, 800)
	bob.Size(360, 740)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "25")
	ann.Shows("member-count", "1 online")
	ann.Shows("people-count", "only you")
	bob.Opens(world.URL("/"))
	bob.Connects("Bob", "")
	ann.Members("Ann", "Bob")
	ann.Shows("member-count", "2 online")
	ann.Notes("Bob joined")
	bob.Members("Ann", "Bob")
	bob.Sees("no note of who was there", `() => !document.querySelector('[data-testid=notes]')`)

	bob.Labelled("Message").MustInput("I am writing")
	ann.Shows("typing", "Bob is typing…")
	bob.Sees("nothing of himself", `() => document.querySelector('.typing-text').textContent === ''`)
	bob.Button("Send").MustClick()
	ann.Hears("Bob: I am writing")
	ann.Sees("that he is done", `() => document.querySelector('.typing-text').textContent === ''`)

	// On a phone, the people are in the drawer.
	bob.Button("Rooms and you").MustClick()
	bob.Sees("the people", `() => [...document.querySelectorAll('[data-testid=member]')].filter((m) => m.checkVisibility()).length === 2`)
	bob.NoSideways()
	bob.Button("Close").MustClick()

	// In a crowd, only the number is shown.
	for i := range 4 {
		world.Connect(fmt.Sprint("guest", i), "")
	}
	ann.Shows("people-count", "6 people")
	ann.Shows("member-count", " of 6")
}

func TestOlderMessagesAppearAboveAndMoveNothing(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	bot := world.Connect("bot", "")
	var texts []string
	for i := range 250 {
		texts = append(texts, fmt.Sprintf("line %d\n%s", i, strings.Repeat("word ", i%40)))
	}
	sayAll(bot, texts)
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.Sees("the newest page", `() => document.querySelectorAll('[data-testid=message]').length >= 50`)

	// Records the position of the visible text while she scrolls up and pages arrive.
	moved := ann.page.MustEval(`async () => {
		const scroller = document.querySelector('[data-testid=messages]');
		const frame = () => new Promise(requestAnimationFrame);
		const rows = () => [...document.querySelectorAll('[data-testid=message]')];
		let most = 0;
		for (let i = 0; i < 60 && !rows()[0].dataset.text.startsWith('line 0\n'); i++) {
			scroller.scrollTop = 40;
			await frame();
			const { top } = scroller.getBoundingClientRect();
			const text = rows().find((row) => row.getBoundingClientRect().top >= top).querySelector('[data-testid=message-text]');
			const before = text.getBoundingClientRect().top;
			const first = rows()[0];
			for (let n = 0; rows()[0] === first && n < 60; n++) await frame();
			await frame();
			most = Math.max(most, text.isConnected ? Math.abs(text.getBoundingClientRect().top - before) : NaN);
		}
		return String(most);
	}`).Str()
	if moved != "0" {
		t.Errorf("what she reads moved by %s px", moved)
	}
	ann.Sees("all in order", `() => [...document.querySelectorAll('[data-testid=message]')].every(({ dataset }, i) => dataset.text.startsWith('line ' + i + '\n'))`)
	ann.Sees("one group", `() => document.querySelectorAll('[data-testid=message]:not([data-further])').length === 1`)
	ann.page.MustEval(`() => { document.querySelector('[data-testid=messages]').scrollTop = 0; }`)
	ann.Shows("beginning", "This is the beginning of the room.")
	ann.Sees("nothing more to ask for", `() => !document.querySelector('[data-testid=older]').checkVisibility()`)
}

func TestATakenNameOffersAnother(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.Expect("Error during WebSocket handshake")
	world.Connect("Ann", "").Hears("Ann connected to chat")
	world.Connect("Ann 2", "").Hears("Ann 2 connected to chat")
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Opens(world.URL("/?name=Ann&age=25")) // as a form without JavaScript sends it
	ann.Shows("suggestion", "Use Ann 3")
	ann.Opens(world.URL("/"))
	ann.Labelled("Name").MustInput("Ann")
	ann.Button("Connect").MustClick()
	ann.Shows("join", "This name is already in use")
	ann.Button("Use Ann 3").MustClick()
	ann.Shows("me", "Ann 3")

	// The name was taken while she was away: she gets the form again, without a redirect
	// loop.
	ann.Button("Disconnect").MustClick()
	ann.Shows("banner", "You are disconnected")
	world.Connect("ann 3", "").Hears("ann 3 connected to chat")
	ann.Button("Connect again").MustClick()
	ann.Shows("join", "This name is already in use")
	ann.Button("Use Ann 4").MustClick()
	ann.Shows("me", "Ann 4")
}

// A room that was left is not listed in any tab of the browser until it is visited
// again; it can still be opened by its name.
func TestALeftRoomIsNotListed(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	world.Join("bot", "old").SaysUntilAcknowledged("old", uuid.NewString(), "hello")
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/rooms/old"))
	ann.Connects("Ann", "")
	other := browser.Another(ann)
	other.Size(1280, 800)
	other.Opens(world.URL("/"))
	listed := `(is) => [...document.querySelectorAll('[data-testid=room-link]')].some(({ dataset }) => dataset.room === 'old') === is`
	other.Sees("the room in the other tab", listed, true)
	ann.Front()
	ann.Chooses("Leave room")
	ann.Shows("room-title", "Lobby")
	ann.Sees("the room left", listed, false)
	other.Sees("the room left in the other tab", listed, false)
	ann.Reloads()
	ann.Shows("status", "Connected")
	ann.Sees("the room still left", listed, false)
	ann.presses(true, false, false, "k")
	ann.page.MustInsertText("old")
	ann.Offers("Old")
	ann.page.KeyActions().Type(input.Enter).MustDo()
	ann.Hears("bot: hello")
	ann.Sees("the room listed again", listed, true)
}
