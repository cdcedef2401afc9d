package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
)

// readsTheLobby starts a world, and has Ann read its lobby on a desktop, in the window that
// has the focus.
func readsTheLobby(t *testing.T) (*chattest.World, *Tab) {
	t.Helper()
	world, ann := chattest.NewWorld(t), NewBrowser(t).Person()
	ann.Size(1280, 800)
	ann.Focus(true)
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	return world, ann
}

// Focus makes the tab believe that it has the focus, which only one tab of a headless
// browser really has.
func (tab *Tab) Focus(has bool) {
	tab.t.Helper()
	if err := (proto.EmulationSetFocusEmulationEnabled{Enabled: has}).Call(tab.page); err != nil {
		tab.t.Fatal(err)
	}
}

// Runs runs JavaScript and waits for the next frame.
func (tab *Tab) Runs(js string, args ...any) {
	tab.t.Helper()
	if _, err := tab.page.Eval(js, args...); err != nil {
		tab.t.Fatalf("%s: %v", js, err)
	}
	tab.settle()
}

// ScrollsTo scrolls the list to a distance from its top or, if negative, from its end.
func (tab *Tab) ScrollsTo(px int) {
	tab.t.Helper()
	tab.Runs(`(px) => {
		const list = document.querySelector('[data-testid=messages]');
		list.scrollTop = px < 0 ? list.scrollHeight - list.clientHeight + px : px;
	}`, px)
}

// IsAtNewest waits until the end of the list is visible.
func (tab *Tab) IsAtNewest() {
	tab.t.Helper()
	tab.Sees("the newest", `() => {
		const list = document.querySelector('[data-testid=messages]');
		return document.querySelector('[data-testid=jump]').hidden && list.scrollHeight - list.scrollTop - list.clientHeight < 2;
	}`)
}

// Place returns the vertical position of a message's text on the screen, in px.
func (tab *Tab) Place(text string) float64 {
	tab.t.Helper()
	return tab.find("the message "+text, `(text) => [...document.querySelectorAll('[data-testid=message-text]')].find((m) => m.textContent === text)`, text).
		MustEval(`() => this.getBoundingClientRect().top`).Num()
}

// InView returns the text of the first message that is completely visible.
func (tab *Tab) InView() string {
	tab.t.Helper()
	return tab.page.MustEval(`() => {
		const { top } = document.querySelector('[data-testid=messages]').getBoundingClientRect();
		return [...document.querySelectorAll('[data-testid=message-text]')].find((m) => m.getBoundingClientRect().top >= top)?.textContent ?? '';
	}`).Str()
}

// Stays fails if a message moves on the screen while something happens.
func (tab *Tab) Stays(text string, happens func()) {
	tab.t.Helper()
	tab.Moves(text, 0, happens)
}

// Moves fails unless a message moves down by px on the screen while something happens.
func (tab *Tab) Moves(text string, px float64, happens func()) {
	tab.t.Helper()
	before := tab.Place(text)
	happens()
	tab.settle()
	if after := tab.Place(text); after != before+px {
		tab.t.Errorf("%q moved by %v px, want %v", text, after-before, px)
	}
}

// ReadUpTo waits until this browser has stored a room as read up to a message.
func (tab *Tab) ReadUpTo(room, text string) {
	tab.t.Helper()
	tab.Sees("the room read up to "+text, `(room, text) => {
		const message = document.querySelector('chat-room').socket.room(room)?.record.messages.findLast((m) => m.text === text);
		return message?.seq === Number(localStorage.getItem('chatserver.read.' + room));
	}`, room, text)
}

// talks connects a person who sends "line 1" to "line n" as fast as possible, and
// leaves.
func talks(world *chattest.World, name string, n int) {
	bot := world.Connect(name, "")
	sayLines(bot, 1, n)
	bot.Leaves()
}

// sayLines sends "line 1" to "line n", and returns when they have been delivered.
func sayLines(bot *chattest.Person, first, last int) {
	var texts []string
	for i := first; i <= last; i++ {
		texts = append(texts, fmt.Sprint("line ", i))
	}
	sayAll(bot, texts)
}

// sayAll sends texts as fast as the server accepts them, and returns when they have been
// delivered, so that they are in the room's history.
func sayAll(bot *chattest.Person, texts []string) {
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		end := bot.Name + ": " + texts[len(texts)-1]
		for line, err := bot.Line(); err == nil && line != end; line, err = bot.Line() {
			continue
		}
	}()
	for _, text := range texts {
		bot.Says(text)
	}
	<-heard
}

// Follows sends many lines, and waits for the tab in between, because the server
// disconnects slow consumers.
func (tab *Tab) Follows(bot *chattest.Person, first, last int) {
	tab.t.Helper()
	const some = 500
	for i := first; i <= last; i += some {
		end := min(i+some-1, last)
		sayLines(bot, i, end)
		tab.Sees(fmt.Sprint("line ", end), `(text) => document.querySelector('chat-room').socket.room('lobby').record.messages.at(-1)?.text === text`, fmt.Sprint("line ", end))
	}
}

// tabs presses Tab, or Shift+Tab.
func (tab *Tab) tabs(back bool) {
	tab.t.Helper()
	keys := tab.page.KeyActions()
	if back {
		keys = keys.Press(input.ShiftLeft)
	}
	keys.Type(input.Tab).MustDo() // releases pressed keys
	tab.settle()
}

// keys presses one key after the other.
func (tab *Tab) keys(keys ...input.Key) {
	tab.t.Helper()
	for _, key := range keys {
		tab.page.KeyActions().Type(key).MustDo()
		tab.settle()
	}
}

// accessible waits until the accessibility tree has a node with this role and name, and
// returns its properties.
func (tab *Tab) accessible(role, name string) map[string]string {
	tab.t.Helper()
	var names []string
	for until := time.Now().Add(chattest.Patience); time.Now().Before(until); tab.settle() {
		tree, err := (proto.AccessibilityGetFullAXTree{}).Call(tab.page)
		if err != nil {
			tab.t.Fatal(err)
		}
		names = nil
		for _, node := range tree.Nodes {
			if node.Ignored || node.Role == nil || node.Role.Value.Str() != role {
				continue
			}
			names = append(names, node.Name.Value.Str())
			if names[len(names)-1] != name {
				continue
			}
			said := map[string]string{}
			for _, property := range node.Properties {
				said[string(property.Name)] = property.Value.Value.String()
			}
			return said
		}
	}
	tab.t.Fatalf("there is no %s %q, only %q", role, name, names)
	return nil
}
