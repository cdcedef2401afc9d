package commands_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/config"
	"chatserver/telemetry"
)

// gauge is a disk of 1 TB whose free space a test sets.
type gauge struct{ free atomic.Int64 }

func (g *gauge) space(string) (telemetry.Space, error) {
	return telemetry.Space{Free: float64(g.free.Load()), Total: 1e12}, nil
}

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) count(text string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Count(j.text.String(), text)
}

// asksOps returns an answer of the admin listener.
func asksOps(t *testing.T, w *chattest.World, path string) (status int, body string) {
	t.Helper()
	response, err := http.Get("http://" + w.Ops() + path) //nolint:noctx // it ends with the test's server
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(content)
}

// answers sends a text once and returns the answer.
func answers(m *chattest.Member, room, id, text string) chattest.Event {
	m.Sends(room, id, text)
	return m.HearsEventThat("answers "+id, func(e chattest.Event) bool { return e.ID == id })
}

// A disk fills up and is emptied again. Operators are warned before the minimum is
// reached, once per threshold. Below it, short messages are stored; longer ones and new
// rooms are refused with a reason, and stored under the same id once there is space.
func TestADiskThatFillsUpTakesShortMessages(t *testing.T) {
	const floor = 100e6
	disk, log := &gauge{}, &journal{}
	disk.free.Store(1e12)
	w := chattest.NewWorld(t, chattest.Log(log), chattest.Space(disk.space),
		chattest.With(func(c *config.Config) { c.MinFreeDisk = new(config.Size); *c.MinFreeDisk = floor }))
	ann := w.Join("Ann", "lobby")
	ann.JoinsAlso("attic")
	long, early, late, inNewRoom := strings.Repeat("long ", 250), uuid.NewString(), uuid.NewString(), uuid.NewString()
	has := func(free float64, line string) {
		t.Helper()
		disk.free.Store(int64(free))
		for end := time.Now().Add(chattest.Patience); ; {
			status, body := asksOps(t, w, "/readyz?verbose")
			if status != http.StatusOK {
				t.Fatalf("with %v bytes free it is not ready: %s", free, body)
			}
			if _, said, _ := strings.Cut(body, "[+] store ok\n"); said == line {
				return
			} else if time.Now().After(end) {
				t.Fatalf("with %v bytes free, operators get %q", free, said)
			}
		}
	}
	has(1e12, "")
	ann.SaysUntilAcknowledged("lobby", early, long)
	has(3.9*floor, "[!] disk: 390 MB free; below 100 MB (--min-free-disk) the server stores only messages of up to 1000 bytes\n")
	ann.SaysUntilAcknowledged("lobby", uuid.NewString(), long)
	almostFull := " free, less than --min-free-disk (100 MB): storing only messages of up to 1000 bytes, creating no rooms and no backups\n"
	has(0.9*floor, "[!] disk: 90 MB"+almostFull)
	if e := answers(ann, "lobby", late, long); e.Code != "not_stored" || e.Detail != "short_only" || !strings.Contains(e.Sentence, "disk is almost full") || !strings.Contains(e.Sentence, "stored messages are safe") {
		t.Errorf("a long message is answered with %+v", e)
	}
	if e := answers(ann, "attic", inNewRoom, "hello"); e.Code != "not_stored" || e.Detail != "no_new_rooms" || !strings.Contains(e.Sentence, "disk is almost full") {
		t.Errorf("a message for a new room is answered with %+v", e)
	}
	ann.SaysUntilAcknowledged("lobby", uuid.NewString(), strings.Repeat("é", chat.ShortText/2))
	ann.SaysUntilAcknowledged("lobby", early, long) // already stored
	for room, reason := range map[string]string{"lobby": chat.CloseShortOnly.Reason, "cellar": chat.CloseNoNewRooms.Reason} {
		bob := w.Connect("Bob", "history=0&room="+room)
		bob.Hears("Bob connected to chat")
		bob.Says(long)
		if code, why, _ := bob.IsClosed(); code != 1011 || why != reason {
			t.Errorf("Bob is closed in the %s with %d %q", room, code, why)
		}
	}
	for _, line := range []string{"chatserver_data_free_bytes 9e+07", "chatserver_data_min_free_bytes 1e+08", `chatserver_messages_not_stored_total{reason="disk_low"} 4`} {
		for end := time.Now().Add(chattest.Patience); ; {
			_, metrics := asksOps(t, w, "/metrics")
			if strings.Contains(metrics, line+"\n") {
				break
			} else if time.Now().After(end) {
				t.Fatalf("the metrics lack %s", line)
			}
		}
	}
	has(1.05*floor, "[!] disk: 105 MB"+almostFull) // within the hysteresis
	has(2*floor, "[!] disk: 200 MB free; below 100 MB (--min-free-disk) the server stores only messages of up to 1000 bytes\n")
	ann.SaysUntilAcknowledged("lobby", late, long)
	ann.SaysUntilAcknowledged("attic", inNewRoom, "hello")
	has(1e12, "")
	if stored := len(w.Stored("lobby")); stored != 4 {
		t.Errorf("%d messages are stored", stored)
	}
	for line, times := range map[string]int{"low disk space": 1, "the disk is almost full: storing only messages": 1, "enough disk space again: accepting long messages": 1, "enough disk space again\"": 1} {
		if count := log.count(line); count != times {
			t.Errorf("%q is logged %d times", line, count)
		}
	}
}

// Without a minimum, operators are warned all the same, and everything that fits is
// stored.
func TestWithoutAMinimumOperatorsAreWarned(t *testing.T) {
	disk, log := &gauge{}, &journal{}
	disk.free.Store(1e6)
	w := chattest.NewWorld(t, chattest.Log(log), chattest.Space(disk.space))
	ann := w.Join("Ann", "lobby")
	if e := answers(ann, "lobby", uuid.NewString(), strings.Repeat("long ", 250)); e.Event != "message" {
		t.Errorf("a long message is answered with %+v", e)
	}
	if _, body := asksOps(t, w, "/readyz?verbose"); !strings.HasSuffix(body, "[!] disk: 1.0 MB free\n") || log.count("low disk space") != 1 {
		t.Errorf("operators get %q", body)
	}
}
