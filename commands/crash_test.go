package commands_test

import (
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// The server is killed again and again while members write and the network breaks. No
// acknowledged message is lost or duplicated.
func TestWhatWasAcknowledgedSurvivesKills(t *testing.T) {
	const kills = 6
	program := chattest.StartProgram(t, "--data", t.TempDir(), "--rate", "0", "--byte-rate", "0")
	c := program.World().Company(t, "lobby", 8, 6, 60)
	c.AlsoChanges()
	for range kills {
		// All but one are in the middle of sending when it dies.
		until := c.Said() + 25
		var killed sync.Once
		c.TalksUntil(func() bool {
			if c.Said() < until {
				return false
			}
			killed.Do(func() {
				program.Kill()
				program.Restart()
			})
			return true
		})
	}
	c.TalksUntil(c.IsCutEnough)
	c.Agrees()
}

// Two hundred members are writing when the server is killed. Afterwards all acknowledged
// messages are there, everyone reconnects soon, and no message is shown twice.
func TestACrashWhileTwoHundredWriteLosesNothing(t *testing.T) {
	program := chattest.StartProgram(t, "--data", t.TempDir(), "--rate", "0", "--byte-rate", "0")
	c := newTalkers(t, program.World(), 200)
	var listens, back []time.Duration
	for range chattest.LongOr(10, 1) {
		var killed time.Time
		c.talk(chattest.LongOr(4000, 600), func() {
			program.Kill()
			killed = time.Now()
			program.Restart()
			listens = append(listens, time.Since(killed))
		})
		c.settle()
		back = append(back, time.Since(killed))
	}
	acknowledged, missing := c.check()
	chattest.Figure(t, "P1", "%d kills, %d acknowledged, %d of them missing; at most %.1f s to listen again, %.1f s until all 200 were back and had everything",
		len(back), acknowledged, missing, chattest.Quantile(1, listens).Seconds(), chattest.Quantile(1, back).Seconds())
}

// The same with a graceful shutdown.
func TestAStopWhileTwoHundredWriteLosesNothing(t *testing.T) {
	program := chattest.StartProgram(t, "--data", t.TempDir(), "--rate", "0", "--byte-rate", "0")
	c := newTalkers(t, program.World(), 200)
	var took []time.Duration
	for range chattest.LongOr(10, 1) {
		c.talk(chattest.LongOr(4000, 600), func() {
			began := time.Now()
			program.Signal(syscall.SIGTERM)
			if code := program.Ended(); code != 0 {
				t.Errorf("it ends with %d:\n%s", code, program.Log())
			}
			took = append(took, time.Since(began))
			program.Restart()
		})
		c.settle()
	}
	acknowledged, missing := c.check()
	slowest := chattest.Quantile(1, took)
	if chattest.Exceeds(slowest, 10*time.Second) {
		t.Errorf("it takes %v to stop", slowest)
	}
	chattest.Figure(t, "P3", "%d stops under load, %d acknowledged, %d of them missing; exit 0, after at most %.2f s", len(took), acknowledged, missing, slowest.Seconds())
}

// A client that is disconnected before the acknowledgement sends the message again with
// the same id. It is stored once, and every acknowledgement has the same seq, even across
// a restart.
func TestSendingAgainIsIdempotent(t *testing.T) {
	const senders, times = 10, 100
	w := chattest.NewWorld(t)
	network := w.Network(nil)
	var all []*chattest.Member
	ids := make([][]string, senders)
	for i := range senders {
		all = append(all, w.Join(fmt.Sprint("sender", i), "lobby", chattest.Via(network)))
	}
	listener := w.Join("listener", "lobby", chattest.ComesBack(), chattest.ReadsEverything())
	again := func(half int) {
		var sending sync.WaitGroup
		for i, m := range all {
			sending.Go(func() {
				for n := range times / 2 {
					id := uuid.NewString()
					ids[i] = append(ids[i], id)
					m.IsCutBefore(chattest.Said(`"id":"` + id)) // before any acknowledgement
					if seq, code := m.SaysUntilAcknowledged("lobby", id, fmt.Sprint(m.Name, half, n)); seq == 0 {
						t.Errorf("%s is refused: %s", m.Name, code)
					}
				}
			})
		}
		sending.Wait()
	}
	again(0)
	w.Stop()
	w.Start()
	sayAgain(t, all, ids)
	again(1)
	if cuts := network.Broken(); cuts != senders*times {
		t.Errorf("%d connections were cut before the acknowledgement, instead of %d", cuts, senders*times)
	}
	checkStoredOnce(t, w, all, senders*times)
	listener.Reaches("lobby", senders*times)
	shown := listener.Shown("lobby")
	for id, often := range shown {
		if often != 1 {
			t.Errorf("the listener was shown %s %d times", id, often)
		}
	}
	if len(shown) != senders*times {
		t.Errorf("the listener was shown %d messages instead of %d", len(shown), senders*times)
	}
	chattest.Figure(t, "P6", "%d times cut before the acknowledgement and sent again, and %d times after a restart: %d stored, %d shown, each with the seq it had first",
		network.Broken(), senders*times/2, len(w.Stored("lobby")), len(shown))
}

// sayAgain makes everyone send the acknowledged messages once more.
func sayAgain(t *testing.T, all []*chattest.Member, ids [][]string) {
	t.Helper()
	var saying sync.WaitGroup
	for i, m := range all {
		acked := m.Acknowledged("lobby")
		saying.Go(func() {
			for _, id := range ids[i] {
				if seq, _ := m.SaysUntilAcknowledged("lobby", id, "something else"); seq != acked[id] {
					t.Errorf("%s has seq %d, and %d after the restart", id, acked[id], seq)
				}
			}
		})
	}
	saying.Wait()
}

func checkStoredOnce(t *testing.T, w *chattest.World, all []*chattest.Member, messages int) {
	t.Helper()
	seqs, texts := map[string]int64{}, map[string]bool{}
	for _, m := range w.Stored("lobby") {
		seqs[m.ID], texts[m.Text] = m.Seq, true
	}
	if len(seqs) != messages || len(texts) != messages {
		t.Errorf("%d messages and %d texts are stored instead of %d", len(seqs), len(texts), messages)
	}
	for _, m := range all {
		for id, seq := range m.Acknowledged("lobby") {
			if seqs[id] != seq {
				t.Errorf("%s was acknowledged with seq %d and is stored with %d", id, seq, seqs[id])
			}
		}
		for _, wrong := range append(m.Jumps(), m.Wrongs()...) {
			t.Errorf("%s: %s", m.Name, wrong)
		}
	}
}

// An id belongs to its author: another name, or the same name with another guest key, is
// another author.
func TestAnIDOfAnotherAuthorIsAConflict(t *testing.T) {
	const key, other = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
	w, id := chattest.NewWorld(t), uuid.NewString()
	ann := w.Join("Ann", "lobby", chattest.WithKey(key))
	if seq, code := ann.SaysUntilAcknowledged("lobby", id, "mine"); seq != 1 {
		t.Fatalf("Ann is answered %d %q", seq, code)
	}
	conflict := func(m *chattest.Member) {
		t.Helper()
		m.Sends("lobby", id, "no, mine")
		if e := m.HearsEvent("error"); e.Code != "id_conflict" || e.ID != id || e.Cmd != "send" || e.Room != "lobby" {
			t.Errorf("%s is answered %+v", m.Name, e)
		}
	}
	conflict(w.Join("Eve", "lobby"))
	ann.Disconnects()
	conflict(w.Join("Ann", "lobby", chattest.WithKey(other), chattest.ComesBack())) // the name is taken until the server notices that Ann has left
	if seq, code := w.Join("Bob", "lobby").SaysUntilAcknowledged("night-watch", id, "x"); code != "not_joined" {
		t.Errorf("in a room that Bob is not in he is answered %d %q", seq, code)
	}
	stored := w.Stored("lobby")
	if len(stored) != 1 || stored[0].Text != "mine" {
		t.Errorf("stored are %+v", stored)
	}
}
