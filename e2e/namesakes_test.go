package e2e

import (
	"testing"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// Somebody else had the name in the meantime, with another key. Their messages are not
// mine: they are unread, below the divider, and count as new.
func TestANamesakesMessagesAreNotMine(t *testing.T) {
	t.Parallel()
	world, ann := readsTheLobby(t)
	talks(world, "bot", 60)
	ann.ReadUpTo("lobby", "line 60")
	ann.Says("I am Ann")
	ann.ReadUpTo("lobby", "I am Ann")
	ann.GoesTo("elsewhere")

	ann.withANamesake(world, "one", "two")
	ann.Unread("Lobby 2")
	ann.Link("Lobby").MustClick()
	ann.Sees("the divider above what the namesake wrote", `() => {
		const divider = document.querySelector('[data-testid=divider]');
		const after = [...document.querySelectorAll('[data-testid=message]')].filter((m) => divider?.compareDocumentPosition(m) & 4);
		return JSON.stringify(after.map(({ dataset }) => dataset.text)) === '["one","two"]';
	}`)

	ann.ScrollsTo(-400)
	ann.withANamesake(world, "three")
	ann.Shows("jump", "1 new")
	ann.Says("mine again")
	ann.Hears("Ann: mine again")
	ann.IsAtNewest()
	ann.Sees("that only one member is me", `() => document.querySelectorAll('.member-you:not([hidden])').length === 1`)
}

// withANamesake disconnects, lets somebody with another key take the name and write, and
// reconnects.
func (tab *Tab) withANamesake(world *chattest.World, lines ...string) {
	tab.t.Helper()
	tab.Button("Disconnect").MustClick()
	isAnswered(tab.t, world, `"errors":{}`)
	other := world.Join("Ann", "lobby", chattest.WithKey("ffffffffffffffffffffffffffffffff"))
	other.HearsEvent("welcome")
	for _, line := range lines {
		other.SaysUntilAcknowledged("lobby", uuid.NewString(), line)
	}
	other.Disconnects()
	isAnswered(tab.t, world, `"errors":{}`)
	tab.Button("Connect").MustClick()
	tab.Shows("status", "Connected")
}

// When two nodes cannot see each other, two people may have one name. Each hears a sound
// for the other's messages; a message from my own other tab makes none.
func TestANamesakeMakesASound(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.page.MustEvalOnNewDocument(recorder)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	ann.sets("sound", "on")
	ann.Says("so that she may be heard")
	ann.Hears("Ann: so that she may be heard")
	hears := `(id) => {
		const { socket } = document.querySelector('chat-room');
		const message = { id: crypto.randomUUID(), seq: 9, rev: 9, from: 'Ann', author: id || socket.user.id, text: 'hello', at: new Date().toISOString() };
		socket.dispatchEvent(new CustomEvent('message', { detail: { room: 'elsewhere', message } }));
	}`
	ann.page.MustEval(hears, "")
	ann.settle()
	if toned := ann.page.MustEval(`() => window.toned`).Int(); toned != 0 {
		t.Errorf("%d tones for a message of mine", toned)
	}
	ann.page.MustEval(hears, "ffffffffffffffff")
	ann.Sees("two tones", `() => window.toned === 2`)
}
