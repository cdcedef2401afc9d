package e2e

import (
	"strings"
	"testing"

	"chatserver/chattest"
	"chatserver/config"
	"chatserver/telemetry"
)

// The disk of the server is almost full. What Ann writes at length, or in a new room, is
// kept with a sentence that says why; what she shortens is sent.
func TestWhatAFullDiskRefusesIsKeptAndCanBeShortened(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	before := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.Data = data }))
	bob := before.Connect("Bob", "")
	bob.Says("hi")
	bob.Hears("Bob connected to chat", "Bob: hi")
	before.Stop()
	world := chattest.NewWorld(t,
		chattest.Space(func(string) (telemetry.Space, error) { return telemetry.Space{Free: 1e6, Total: 1e12}, nil }),
		chattest.With(func(c *config.Config) { c.Data, c.MinFreeDisk = data, nil }))
	ann := NewBrowser(t).Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	long := strings.TrimSpace(strings.Repeat("long ", 250))
	ann.Says(long)
	ann.Shows("failed", "it accepts only messages")
	ann.Button("Edit").MustClick()
	ann.Sees("the text where she writes, all of it", `(text) => document.querySelector('message-composer textarea').value === text`, long)
	ann.Labelled("Message").MustSelectAllText()
	ann.Says("short")
	ann.Hears("Bob: hi", "Ann: short")
	ann.Opens(world.URL("/rooms/attic"))
	ann.Says("hello")
	ann.Shows("failed", "new rooms can’t be created for now")
	ann.Button("Retry")
}
