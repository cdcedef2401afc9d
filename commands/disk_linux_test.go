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

// The data directory is on a disk of 8 MB, which fills up. Senders get an error and never
// a false acknowledgement; reading still works; and with free space again, sending works
// without a restart. The short form is TestAFullDiskIsReportedAndGoesAway.
func TestADiskOfEightMegabytesFillsUp(t *testing.T) {
	folder := smallDisk(t, "8m")
	ballast := filepath.Join(folder, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 5<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(folder, "data")
	program := chattest.StartProgram(t, "--data", data, "--rate", "0", "--byte-rate", "0", "--min-free-disk", "0")
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

// smallDisk mounts a small disk.
func smallDisk(t *testing.T, size string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := syscall.Mount("none", folder, "tmpfs", 0, "size="+size); err != nil {
		t.Skip("NOT TESTED HERE: a disk of "+size+" is mounted as root only; CI is root and runs it:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) }) // even if files on it are still open
	return folder
}

// A real disk fills up to the minimum. Members continue with short messages, no backup
// and no VACUUM takes the reserved space, and with free space again everything works as
// before.
func TestTheMinimumOfARealDiskIsKept(t *testing.T) {
	t.Parallel()
	const floor = 8 << 20
	folder := smallDisk(t, "32m")
	data, copies := filepath.Join(folder, "data"), filepath.Join(folder, "copies")
	ballast, file := filepath.Join(folder, "ballast"), filepath.Join(copies, "chat.backup")
	if err := os.Mkdir(copies, 0o700); err != nil {
		t.Fatal(err)
	}
	settings := []string{"--data", data, "--min-free-disk", "8MiB"}
	program := chattest.StartProgram(t, append(settings, "--rate", "0", "--backup-every", "24h")...)
	program.Logs("backup taken")
	ann := program.World().Join("Ann", "lobby", chattest.ComesBack())
	ann.JoinsAlso("cave")
	for range 200 {
		ann.SaysUntilAcknowledged("lobby", uuid.NewString(), strings.Repeat("much ", 1500))
		ann.SaysUntilAcknowledged("cave", uuid.NewString(), "sesame")
	}
	// 1 MB more than the minimum is free, but a copy of the database needs 2 MB.
	leavesFree(t, folder, ballast, floor+1<<20)
	for name, command := range map[string][]string{
		"backup": {"backup", file}, "removal": {"rooms", "remove", "cave", "--yes"},
	} {
		if said, code := run(t, append(command, settings...)...); code == 0 || !strings.Contains(said, "must stay free (--min-free-disk)") {
			t.Errorf("the %s ends with %d: %s", name, code, said)
		}
	}
	if left := namesIn(t, copies); len(left) > 0 {
		t.Errorf("the backup leaves %v", left)
	}
	program.Kill()
	if err := os.RemoveAll(filepath.Join(data, "backups")); err != nil {
		t.Fatal(err)
	}
	leavesFree(t, folder, ballast, floor-1<<20)
	program.Restart()
	program.Logs("the disk is almost full: storing only messages of up to 1000 bytes")
	program.Logs("backup failed")
	ann.SaysUntilAcknowledged("lobby", uuid.NewString(), "make room, please")
	id := uuid.NewString()
	if says(ann, id) {
		t.Error("below the minimum, a long message is stored")
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	ann.SaysUntilAcknowledged("lobby", id, id+strings.Repeat(" much", 1500))
	for _, command := range [][]string{{"backup", file}, {"rooms", "remove", "cave", "--yes"}} {
		succeeds(t, append(command, settings...)...)
	}
	nowhereIn(t, data, "sesame")
}

// leavesFree fills a disk with a file until only this many bytes are free.
func leavesFree(t *testing.T, folder, ballast string, free int64) {
	t.Helper()
	var fs syscall.Statfs_t
	err := os.WriteFile(ballast, nil, 0o600)
	if err == nil {
		err = syscall.Statfs(folder, &fs)
	}
	if err == nil {
		err = os.WriteFile(ballast, make([]byte, int64(fs.Bavail)*fs.Bsize-free), 0o600) //nolint:gosec // a small disk
	}
	if err != nil {
		t.Fatal(err)
	}
}

// says sends one large message and reports whether it was acknowledged.
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
