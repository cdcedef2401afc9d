package e2e

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chatserver/chattest"
	"chatserver/config"
	"chatserver/telemetry"
)

// The server's disk is almost full. Ann's long messages, and those in new rooms, are
// kept with an explanation; when she shortens one, it is sent.
func TestMessagesRefusedByAFullDiskAreKept(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	before := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.Data = data }))
	bob := before.Connect("Bob", "")
	bob.Says("hi")
	bob.Hears("Bob connected to chat", "Bob: hi")
	before.Stop()
	var free atomic.Int64
	free.Store(1e6)
	world := chattest.NewWorld(t,
		chattest.Space(func(string) (telemetry.Space, error) {
			return telemetry.Space{Free: float64(free.Load()), Total: 1e12}, nil
		}),
		chattest.With(func(c *config.Config) { c.Data, c.MinFreeDisk = data, nil }))
	ann := NewBrowser(t).Person()
	ann.Opens(world.URL("/"))
	ann.Connects("Ann", "")
	long := strings.TrimSpace(strings.Repeat("long ", 250))
	ann.Says(long)
	ann.Shows("failed", "it accepts only messages")
	ann.RetriesInVain()
	ann.Button("Edit").MustClick()
	ann.Sees("the text where she writes, all of it", `(text) => document.querySelector('message-composer textarea').value === text`, long)
	ann.Labelled("Message").MustSelectAllText()
	ann.Says("short")
	ann.Hears("Bob: hi", "Ann: short")
	ann.Opens(world.URL("/rooms/attic"))
	ann.Says("hello")
	ann.Shows("failed", "new rooms can’t be created for now")
	ann.Button("Retry")
	ann.Sees("no Edit, which would not help", `() => !document.querySelector('[data-testid=edit-failed]').checkVisibility()`)

	// A message that she does not shorten is sent unchanged when there is space again.
	ann.Opens(world.URL("/"))
	ann.Says(long)
	ann.Shows("failed", "it accepts only messages")
	ann.Reloads() // the actions on it are kept
	ann.Button("Edit")
	ann.Button("Retry")
	free.Store(1e12)
	hasSpace(t, world)
	ann.Button("Retry").MustClick()
	ann.Hears("Bob: hi", "Ann: short", "Ann: "+long)
	ann.Writes()
}

// hasSpace waits until the server has noticed that there is enough space.
func hasSpace(t *testing.T, world *chattest.World) {
	t.Helper()
	for end := time.Now().Add(chattest.Patience); ; {
		response, err := http.Get("http://" + world.Ops() + "/readyz?verbose") //nolint:noctx // it ends with the test's server
		if err != nil {
			t.Fatal(err)
		}
		said, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err == nil && !strings.Contains(string(said), "disk") {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("there is space, and the server says %q, %v", said, err)
		}
	}
}
