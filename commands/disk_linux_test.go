package commands_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// The data folder is a disk of 8 MB, and it fills up. Whoever sends is told, and
// never that it was stored; reading goes on; and when there is space again
// sending works without a restart. The short form is TestAFullDiskIsSaidAndPasses.
func TestADiskOfEightMegabytesFillsUp(t *testing.T) {
	folder := t.TempDir()
	if err := syscall.Mount("none", folder, "tmpfs", 0, "size=8m"); err != nil {
		t.Skip("NOT TESTED HERE: a disk of 8 MB is mounted as root only; CI is root and runs it:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) }) // whatever has it open still
	ballast := filepath.Join(folder, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 5<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(folder, "data")
	program := chattest.StartProgram(t, "--data", data, "--rate", "0", "--byte-rate", "0")
	w := program.World()
	ann, bob := w.Join("Ann", "lobby"), w.Join("Bob", "lobby", chattest.ReadsEverything())
	acknowledged, refused := map[string]bool{}, map[string]bool{}
	for len(refused) < 20 {
		id := uuid.NewString()
		if says(ann, id) {
			acknowledged[id] = true
		} else {
			refused[id] = true
		}
	}
	ann.Asks("history", "room", "lobby", "before", 50)
	if e := ann.HearsEvent("history"); len(e.Messages) == 0 {
		t.Error("on a full disk Ann reads nothing")
	}
	cid := w.Join("Cid", "lobby")
	ann.HearsEventThat("tells that Cid came", func(e chattest.Event) bool {
		return slices.ContainsFunc(e.Joined, func(who chattest.Who) bool { return who.Name == "Cid" })
	})
	cid.Goes()
	pageIsServed(t, program.Address)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	freed := time.Now()
	for id := range refused {
		if !says(ann, id) {
			t.Errorf("with space again %s is refused", id)
		}
		acknowledged[id] = true
	}
	again := time.Since(freed)
	stored, lost := map[string]int{}, 0
	messages := w.Stored("lobby")
	for _, m := range messages {
		stored[m.ID]++
	}
	for id := range acknowledged {
		if stored[id] != 1 {
			lost++
		}
	}
	bob.Reaches("lobby", messages[len(messages)-1].Rev)
	if has := bob.Has("lobby"); lost > 0 || len(stored) != len(acknowledged) || len(has) != len(stored) {
		t.Errorf("%d acknowledged, %d lost, %d stored, Bob has %d", len(acknowledged), lost, len(stored), len(has))
	}
	chattest.Figure(t, "P19", "a tmpfs of 8 MB: %d acknowledged, then %d refused and none acknowledged; reading and presence went on; with space again all %d stored within %.2f s, lost %d",
		len(acknowledged)-len(refused), len(refused), len(refused), again.Seconds(), lost)
}

// says has somebody say something large once, and reports whether it was
// acknowledged.
func says(m *chattest.Member, id string) bool {
	m.Sends("lobby", id, id+strings.Repeat(" much", 1500))
	return m.HearsEventThat("answers "+id, func(e chattest.Event) bool { return e.ID == id }).Event != "error"
}

func pageIsServed(t *testing.T, address string) {
	t.Helper()
	client := http.Client{Timeout: chattest.Patience}
	answer, err := client.Get("http://" + address + "/")
	if err == nil {
		err = answer.Body.Close()
	}
	if err == nil && answer.StatusCode != http.StatusOK {
		err = errors.New(fmt.Sprint("status ", answer.StatusCode))
	}
	if err != nil {
		t.Errorf("the page: %v", err)
	}
}
