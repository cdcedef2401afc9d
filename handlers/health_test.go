package handlers_test

import (
	"os"
	"testing"

	"chatserver/chattest"
)

// The arguments of a program may contain passwords, so profiles show only its name.
func TestProfilesDoNotShowArguments(t *testing.T) {
	os.Args = append(os.Args, "--database=postgres://chat:secret@db/chat")
	t.Cleanup(func() { os.Args = os.Args[:len(os.Args)-1] })
	w := chattest.NewWorld(t)
	if response, said := sendRaw(t, w.Ops(), "GET /debug/pprof/cmdline HTTP/1.0\r\n\r\n"); response.StatusCode != 200 || said != os.Args[0] {
		t.Errorf("the answer is %s %q", response.Status, said)
	}
}
