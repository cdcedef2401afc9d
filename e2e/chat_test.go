package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"chatserver/chattest"
	"chatserver/locales"
)

// TestMain stops the browser after the last test.
func TestMain(m *testing.M) {
	locales.AddPseudo() // before a server lists the languages
	code := chattest.Run(m)
	stopChromium()
	os.Exit(code)
}

func TestTwoPeopleChat(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann, bob := browser.Person(), browser.Person()
	ann.Size(1280, 800)
	bob.Size(360, 740)

	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "25")
	ann.Members("Ann")
	ann.Shows("member", "25")
	bob.Opens(world.URL("/"))
	bob.NoSideways()
	bob.Connects("Bob", "")
	ann.Notes("Bob joined")
	ann.Members("Ann", "Bob")

	ann.Says("hello <b>Bob</b>")
	for _, tab := range []*Tab{ann, bob} {
		tab.Hears("Ann: hello <b>Bob</b>")
		tab.Shows("message-text", "hello <b>Bob</b>") // as text
	}
	bob.Labelled("Message").MustInput("two")
	bob.page.KeyActions().Press(input.ShiftLeft).Type(input.Enter).Release(input.ShiftLeft).MustDo()
	bob.Labelled("Message").MustInput("lines")
	bob.Button("Send").MustClick()
	ann.Hears("Bob: two\nlines")
	bob.NoSideways()

	stranger := world.Connect("Stranger", "room=elsewhere")
	stranger.Hears("Stranger connected to chat")
	program := world.Connect("websocat", "history=2")
	program.Hears("Ann: hello <b>Bob</b>", "Bob: two\nlines", "websocat connected to chat")
	program.Says("from a terminal")
	ann.Hears("websocat: from a terminal")
	ann.Members("Ann", "Bob", "websocat")
	stranger.Says("I heard nothing")
	stranger.Hears("Stranger: I heard nothing")

	ann.Button("Room menu").MustClick()
	ann.Button("Clear messages").MustClick()
	ann.Sees("an empty view", `() => document.querySelectorAll('[role=log] > *').length === 0`)
	bob.Hears("Bob: two\nlines", "websocat: from a terminal") // his view is not cleared
	ann.Button("Older messages").MustClick()
	ann.Hears("Ann: hello <b>Bob</b>", "Bob: two\nlines", "websocat: from a terminal") // nor is the room

	ann.Button("Disconnect").MustClick()
	ann.Shows("status", "Disconnected")
	ann.Shows("banner", "You are disconnected")
	bob.Notes("Ann left")
	program.Says("while she is away")
	ann.Button("Connect").MustClick()
	ann.Shows("status", "Connected")
	ann.Hears("Bob: two\nlines", "websocat: from a terminal", "websocat: while she is away")
}

func TestTheServerGoesAwayAndComesBack(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	browser.ExpectsOutages()
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Imports(`({ TIMES }) => { TIMES.goingAway = 500; }`, "net/connection.js")
	ann.Connects("Ann", "")
	ann.Says("before")
	ann.Hears("Ann: before")
	ann.Labelled("Message").MustInput("half a sentence")

	world.Stop()
	ann.Shows("status", "Reconnecting")
	ann.Shows("banner", "Server closed the connection")
	ann.Shows("banner", "The server isn’t responding.")
	ann.Shows("member-count", "updated")

	world.Start()
	ann.Shows("status", "Connected") // without a click
	ann.Hears("Ann: before")
	ann.Written("half a sentence")
	ann.Opens(world.URL("/"))
	ann.Shows("status", "Connected")
	ann.Written("half a sentence")
}

func TestAnInvalidNameIsReportedBeforeConnecting(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Labelled("Name").MustInput("a/b")
	ann.Labelled("Age (optional)").MustInput("300")
	ann.Button("Connect").MustClick()
	ann.Shows("join", "A name cannot contain the characters : / or \\.")
	ann.Shows("join", "An age is a whole number from 1 to 199.")
	ann.Sees("the focus at the name", `() => document.activeElement.name === 'name'`)
	world.Connect("Bob", "").Hears("Bob connected to chat")
	ann.Labelled("Age (optional)").MustSelectAllText().MustInput("25")
	ann.Labelled("Name").MustSelectAllText().MustInput("bob")
	ann.Button("Connect").MustClick()
	ann.Shows("join", "This name is already in use: choose another name.")
	ann.Connects("Ann", "25")
	ann.Members("Bob", "Ann")

	// Her name is remembered, also after she has disconnected.
	ann.Button("Disconnect").MustClick()
	ann.Opens(world.URL("/"))
	ann.Filled("Name", "Ann")
	ann.Filled("Age (optional)", "25")
}

func TestAConnectionsURLLeadsToThePage(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	tab := browser.Person()
	tab.Opens(world.URL("/chat/Zo%C3%AB%20Lee?age=33&room=night-watch"))
	tab.Filled("Name", "Zoë Lee")
	tab.Filled("Age (optional)", "33")
	tab.Button("Connect").MustClick()
	tab.Shows("room-title", "Night watch")
	tab.Shows("empty", "No messages in Night watch yet")
	tab.Members("Zoë Lee")
}

func TestNewMessagesDoNotMoveAReader(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Size(1280, 800)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	bot := world.Connect("bot", "")
	for i := range 60 {
		bot.Says(fmt.Sprintf("line %d\n%s", i, strings.Repeat("word ", i)))
	}
	ann.Hears("bot: line 59\n" + strings.Repeat("word ", 59))
	atBottom := `() => { const m = document.querySelector('[data-testid=messages]'); return m.scrollHeight - m.scrollTop - m.clientHeight < 2; }`
	ann.Sees("the newest", atBottom)

	ann.page.MustEval(`() => { document.querySelector('[data-testid=messages]').scrollTop = 300; }`)
	ann.Sees("the way back", `() => document.querySelector('[data-testid=jump]').checkVisibility()`)
	where := `() => [...document.querySelectorAll('[data-testid=message]')].map((m) => m.getBoundingClientRect().top).find((top) => top > 100)`
	before := ann.page.MustEval(where).Num()
	for i := range 3 {
		bot.Says(fmt.Sprint("new ", i))
	}
	ann.Shows("jump", "3 new")
	ann.settle()
	if after := ann.page.MustEval(where).Num(); after != before {
		t.Errorf("what she reads moved by %v px", after-before)
	}
	ann.Part("jump").MustClick()
	ann.Sees("the newest", atBottom)
	ann.Hears("bot: new 2")
}

// What people write is always shown as text, and never runs.
func TestTextNeverRunsAsScript(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	for _, attack := range []string{
		`<script>document.title='run'</script>`, `<img src=x onerror="document.title='run'">`,
		`<svg/onload=document.title='run'>`, `javascript:document.title='run'`, `"><iframe srcdoc="<script>parent.document.title='run'</script>">`,
	} {
		name := strings.NewReplacer(":", "", "/", "").Replace(attack)
		if len(name) > 32 {
			name = name[:32]
		}
		eve := world.Connect(name, "age=7")
		eve.Says(attack)
		line, err := eve.Line()
		if err != nil {
			t.Fatal(err)
		}
		eve.Hears(eveName(line) + ": " + attack)
		ann.Hears(eveName(line) + ": " + attack)
		eve.Leaves()
	}
	ann.settle()
	if title := ann.page.MustEval(`() => document.title`).Str(); title == "run" {
		t.Error("it ran")
	}
	if n := ann.page.MustEval(`() => document.querySelectorAll(':is([data-testid=message-text], [data-testid=message-author], .avatar) :is(script, img, svg, iframe, a)').length`).Int(); n != 0 {
		t.Errorf("%d elements were made of text", n)
	}
}

func eveName(joined string) string {
	return strings.TrimSuffix(joined, " with age 7 connected to chat")
}
