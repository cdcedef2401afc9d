package commands_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// An acknowledged message survives a power failure: the WAL is synced between the message
// and its acknowledgement. strace observes it; the short form is TestEveryCommitIsSynced.
func TestAnAcknowledgementComesAfterASync(t *testing.T) {
	if err := exec.CommandContext(t.Context(), "strace", "-o", os.DevNull, "true").Run(); err != nil {
		t.Skip("NOT TESTED HERE: strace, which make deps installs, does not run; CI runs it:", err)
	}
	const messages = 50
	program := chattest.StartProgram(t, "--data", t.TempDir(), "--rate", "0", "--byte-rate", "0")
	ann := program.World().Join("Ann", "lobby")
	traced := filepath.Join(t.TempDir(), "trace")
	strace := exec.CommandContext(t.Context(), "strace", "-f", "-y", "-T", "-s", "200", //nolint:gosec // of our own
		"-e", "trace=write,pwrite64,fsync,fdatasync", "-o", traced, "-p", strconv.Itoa(program.PID()))
	if err := strace.Start(); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for len(ids) < messages+1 { // repeat the first message until strace is attached
		id := uuid.NewString()
		ann.SaysUntilAcknowledged("lobby", id, id)
		if len(ids) > 0 || strings.Contains(traceOf(t, traced), id) {
			ids = append(ids, id)
		}
	}
	_ = strace.Process.Signal(syscall.SIGINT) // detach; the program continues
	_ = strace.Wait()
	synced, times := syncedBefore(traceOf(t, traced), ids)
	if synced != messages {
		t.Errorf("%d of %d acknowledgements came after a sync of the WAL", synced, messages)
	}
	chattest.Figure(t, "P2", "%d of %d acknowledged after the log was written and synced; a sync takes %.2f ms in the median",
		synced, messages, float64(chattest.Quantile(0.5, times).Microseconds())/1e3)
}

func traceOf(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(content)
}

var tookSeconds = regexp.MustCompile(`<(\d+\.\d+)>$`)

// syncedBefore counts the messages after the first for which the WAL was written, then
// synced, and then the acknowledgement was sent to Ann, in this order. Messages are sent
// one at a time, so nothing else is written in between.
func syncedBefore(trace string, ids []string) (synced int, times []time.Duration) {
	written, isSynced, at := false, false, 0
	lines := bufio.NewScanner(strings.NewReader(trace))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() && at < len(ids) {
		line := lines.Text()
		returned := strings.Contains(line, " = ") && !strings.Contains(line, " = -1")
		sync := strings.Contains(line, "fdatasync") || strings.Contains(line, "fsync")
		switch {
		case strings.Contains(line, "pwrite64(") && strings.Contains(line, "chat.db-wal"):
			written, isSynced = true, false
		case sync && returned && written:
			isSynced = true
			if took := tookSeconds.FindStringSubmatch(line); took != nil {
				seconds, _ := strconv.ParseFloat(took[1], 64)
				times = append(times, time.Duration(seconds*float64(time.Second)))
			}
		case strings.Contains(line, "write(") && strings.Contains(line, "socket:") && strings.Contains(line, ids[at]):
			if at > 0 && isSynced {
				synced++
			}
			written, isSynced = false, false
			at++
		}
	}
	return synced, times
}
