package e2e

import (
	"fmt"
	"slices"
	"testing"

	"chatserver/chattest"
)

// A message is shown before the server has answered, and its row becomes the stored
// message.
func TestMyMessageIsShownBeforeTheServerAnswers(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	wire := newWire(t, world.Address())
	ann, bob := browser.Person(), browser.Person()
	ann.Opens(wire.URL("/"))
	ann.Connects("Ann", "")
	bob.Opens(world.URL("/"))
	bob.Connects("Bob", "")
	ann.Members("Ann", "Bob")

	wire.Hold(true)
	ann.Says("hello")
	ann.Writes("hello")
	bob.Hears("Ann: hello") // it is stored, but not acknowledged
	ann.page.MustEval(`() => {
		window.kept = document.querySelector('[data-testid=message][data-state=pending]');
		window.changes = [];
		new MutationObserver((records) => {
			for (const { addedNodes, removedNodes } of records) {
				for (const node of [...addedNodes, ...removedNodes]) if (node.dataset?.testid === 'message') changes.push(node.dataset.id);
			}
		}).observe(document.querySelector('[role=log]'), { childList: true });
	}`)
	wire.Hold(false)
	ann.Hears("Ann: hello")
	ann.Sees("the same row, as a message, and nothing beside it", `() => kept.isConnected && !kept.dataset.state && changes.length === 0
		&& document.querySelectorAll('[data-testid=message]').length === 1`)
}

// The echo, the echo of the second attempt and its acknowledgement all arrive at once,
// and late.
func TestAnUnacknowledgedMessageIsSentAgainAndStoredOnce(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	wire := newWire(t, world.Address())
	ann, bob := browser.Person(), browser.Person()
	ann.Opens(wire.URL("/"))
	if real := ann.Imports(`({ TIMES }) => { const { ack } = TIMES; TIMES.ack = 300; return ack; }`, "net/connection.js"); real != "10000" {
		t.Errorf("the page waits %s ms for an answer", real)
	}
	ann.Connects("Ann", "")
	bob.Opens(world.URL("/"))
	bob.Connects("Bob", "")
	ann.Members("Ann", "Bob")

	wire.Hold(true)
	ann.Says("once")
	ann.Shows("failed", "Not sent: the server didn’t respond.")
	ann.Button("Discard")
	ann.page.MustEval(`() => { window.kept = document.querySelector('[data-testid=message]'); }`)
	bob.Hears("Ann: once")
	ann.Imports(`({ TIMES }) => { TIMES.ack = 60_000; }`, "net/connection.js")
	ann.Button("Retry").MustClick()
	ann.Sees("it on its way again", `() => kept.dataset.state === 'pending'`)
	wire.Hold(false)
	ann.Hears("Ann: once")
	ann.Says("twice")
	for _, tab := range []*Tab{ann, bob} {
		tab.Hears("Ann: once", "Ann: twice")
		tab.Sees("two messages", `() => document.querySelectorAll('[data-testid=message]').length === 2`)
	}
	ann.Sees("the same row", `() => kept.isConnected && !kept.dataset.state`)
}

// Measures the time from the key to the row, and to the row without the pending mark.
// The promise is that a message is first shown as pending; the times are only reported.
func TestHowSoonMyOwnMessageIsThere(t *testing.T) {
	t.Parallel()
	const many = 20
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := together(world, browser, "Ann")[0]
	ann.page.MustEval(`() => {
		window.pending = [];
		window.stored = [];
		let pressed = 0;
		addEventListener('keydown', ({ key }) => { if (key === 'Enter') pressed = performance.now(); }, true);
		new MutationObserver((records) => {
			for (const { type, target, addedNodes } of records) {
				for (const node of addedNodes) if (node.dataset?.state === 'pending') pending.push(performance.now() - pressed);
				if (type === 'attributes' && !target.dataset.state) stored.push(performance.now() - pressed);
			}
		}).observe(document.querySelector('[role=log]'), { childList: true, subtree: true, attributes: true, attributeFilter: ['data-state'] });
	}`)
	var lines []string
	for i := range many {
		ann.Says(fmt.Sprint("number ", i))
		lines = append(lines, fmt.Sprint("Ann: number ", i))
		ann.Hears(lines[i])
	}
	ann.Hears(lines...)
	pending, stored := ann.times("pending"), ann.times("stored")
	if len(pending) == 0 {
		t.Fatal("no message was shown before it was stored")
	}
	t.Logf("from the key to the row: median %.1f ms, longest %.1f ms, of %d; to the row as stored: median %.1f ms, longest %.1f ms",
		pending[len(pending)/2], pending[len(pending)-1], len(pending), stored[len(stored)/2], stored[len(stored)-1])
}

// times returns durations that the page recorded, in ms, sorted.
func (tab *Tab) times(name string) []float64 {
	tab.t.Helper()
	var times []float64
	for _, one := range tab.page.MustEval(`(name) => window[name]`, name).Arr() {
		times = append(times, one.Num())
	}
	slices.Sort(times)
	return times
}
