package e2e

import (
	"testing"

	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
)

// Checklist 29: what stood before somebody's eyes is read; in a tab without the
// focus nothing is.
func TestARoomIsReadWhenSomebodyLooksAtIt(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	ann := browser.Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	bob := world.Connect("Bob", "")
	bob.Says("one")
	ann.Hears("Bob: one")
	readTo := `(seq) => localStorage.getItem('chatserver.read.lobby') === String(seq)`
	ann.page.MustEval(`() => { document.hasFocus = () => false; }`)
	// It looks once a second: after two looks it would have been.
	ann.page.MustEval(`() => new Promise((done) => { const from = performance.now(); const tick = () => performance.now() - from > 2500 ? done() : requestAnimationFrame(tick); tick(); })`)
	if ann.page.MustEval(readTo, 1).Bool() {
		t.Error("it is read though nobody looks")
	}
	ann.page.MustEval(`() => { delete document.hasFocus; }`)
	if err := (proto.EmulationSetFocusEmulationEnabled{Enabled: true}).Call(ann.page); err != nil {
		t.Fatal(err)
	}
	ann.Sees("that it is read", readTo, 1)
}
