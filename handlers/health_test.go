package handlers_test

import (
	"os"
	"testing"

	"chatserver/chattest"
)

// The arguments of a program may be passwords: profiles say what it is called, and no more.
func TestProfilesDoNotShowArguments(t *testing.T) {
	os.Args = append(os.Args, "--database=postgres://chat:secret@db/chat")
	t.Cleanup(func() { os.Args = os.Args[:len(os.Args)-1] })
	w := chattest.NewWorld(t)
	if response, said := asksRaw(t, w.Ops(), "GET /debug/pprof/cmdline HTTP/1.0\r\n\r\n"); response.StatusCode != 200 || said != os.Args[0] {
		t.Errorf("it is answered with %s %q", response.Status, said)
	}
}
