package commands_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
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

// The program refuses a damaged file with an error that names it and a remedy, and does
// not change it. A copy restores everything.
func TestADamagedFileIsRefusedAndACopyRestored(t *testing.T) {
	t.Parallel()
	const said = 100
	folder := ownFolder(t)
	path := filepath.Join(folder, "chat.db")
	program := chattest.StartProgram(t, "--data", folder, "--rate", "0", "--byte-rate", "0")
	ann := program.World().Join("Ann", "lobby")
	for range said {
		ann.SaysUntilAcknowledged("lobby", uuid.NewString(), strings.Repeat("x", 1000))
	}
	program.Signal(syscall.SIGTERM)
	if code := program.Ended(); code != 0 {
		t.Fatalf("it ends with %d", code)
	}
	good := contentOf(t, path)
	damages := []struct{ what, says string }{
		{"the header is damaged", "is damaged"},
		{"pages are damaged", "is damaged"},
		{"the file is cut", "is damaged"},
		{"the file is empty", "is empty"},
		{"the schema is newer", "newer chatserver"},
	}
	for _, damage := range damages {
		write(t, path, good)
		harm(t, path, damage.what)
		before := contentOf(t, path)
		command := chattest.Command("--listen", "127.0.0.1:0", "--ops", "off", "--data", folder)
		out, err := command.CombinedOutput()
		told := string(out)
		if err == nil || command.ProcessState.ExitCode() != 1 || strings.Count(told, "\n") != 1 ||
			!strings.Contains(told, damage.says) || !strings.Contains(told, path) || !strings.Contains(told, "backup") {
			t.Errorf("%s: exit code %d, %q", damage.what, command.ProcessState.ExitCode(), told)
		}
		if !bytes.Equal(contentOf(t, path), before) {
			t.Errorf("%s: the file was changed", damage.what)
		}
	}
	for _, log := range []string{path + "-wal", path + "-shm"} { // as docs/reliability.md says
		if err := os.Remove(log); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	began := time.Now()
	write(t, path, good)
	program.Restart()
	bob := program.World().Join("Bob", "lobby", chattest.ReadsEverything())
	bob.Reaches("lobby", said)
	has := bob.Has("lobby")
	took := time.Since(began)
	if len(has) != said {
		t.Errorf("after the copy was restored, Bob has %d of %d messages", len(has), said)
	}
	chattest.Figure(t, "P24", "%d of %d damaged files refused with their path and what to do, exit 1, untouched; a copy put back is served after %.2f s",
		len(damages), len(damages), took.Seconds())
}

// A large file that is damaged behind a clean stop is served until the damage is found. Then the
// program stays up, answers 503 with the reason, is not ready, and logs what to do.
func TestALargeDamagedFileEndsTheService(t *testing.T) {
	t.Parallel()
	folder := ownFolder(t)
	path := filepath.Join(folder, "chat.db")
	program := chattest.StartProgram(t, "--data", folder)
	program.World().Join("Ann", "lobby").SaysUntilAcknowledged("lobby", uuid.NewString(), "hello")
	program.Signal(syscall.SIGTERM)
	if code := program.Ended(); code != 0 {
		t.Fatalf("it ends with %d", code)
	}
	file, err := sql.Open("sqlite", path)
	if err == nil {
		_, err = file.ExecContext(context.Background(), `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
			INSERT INTO messages (room_id, seq, rev, id, author_name, text, created_at) SELECT 1, -i, -i, i, 'Ann', hex(zeroblob(50000)), 0 FROM n`)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	content := contentOf(t, path)
	copy(content[20<<20:], bytes.Repeat([]byte{0xA5}, 100*4096))
	write(t, path, content)
	program.Restart()
	program.Logs("database damaged: all requests are refused; stop the server and restore a backup")
	for _, at := range []string{"/", "/rooms/lobby", "/healthz", "/chat/Bob"} {
		response, err := http.Get("http://" + program.Address + at) //nolint:noctx // it ends with the test's program
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != http.StatusServiceUnavailable || at != "/healthz" && !strings.Contains(string(answer), "damaged") {
			t.Errorf("%s answers %d, %.200q", at, response.StatusCode, answer)
		}
	}
	program.Signal(syscall.SIGTERM)
	program.Ended()
}

func harm(t *testing.T, path, how string) {
	t.Helper()
	content := contentOf(t, path)
	switch how {
	case "the header is damaged":
		copy(content, "garbage garbage ")
	case "pages are damaged":
		for page := range 7 {
			copy(content[(page+1)*4096:(page+2)*4096], bytes.Repeat([]byte{0xA5}, 4096))
		}
	case "the file is cut":
		content = content[:3*4096]
	case "the file is empty":
		content = nil
	case "the schema is newer":
		db, err := sql.Open("sqlite", path)
		if err == nil {
			_, err = db.ExecContext(context.Background(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`)
			err = errors.Join(err, db.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	default:
		t.Fatal(fmt.Sprint("no damage: ", how))
	}
	write(t, path, content)
}

func contentOf(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clip(content)
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
