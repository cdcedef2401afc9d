package commands_test

import (
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// goodbye is a close frame with the code 1001, as bytes.
const goodbye = "\x03\xe9the server is going away"

// toldAt waits until every connection has a close frame, and returns the time of each;
// connections without one are missing.
func toldAt(conns []net.Conn) (times []time.Time) {
	var mu sync.Mutex
	var listening sync.WaitGroup
	for _, conn := range conns {
		listening.Go(func() {
			var heard []byte
			for b := make([]byte, 4096); ; {
				n, err := conn.Read(b)
				heard = append(heard, b[:n]...)
				heard = heard[max(0, len(heard)-len(goodbye)):]
				if string(heard) == goodbye {
					mu.Lock()
					times = append(times, time.Now())
					mu.Unlock()
					break
				}
				if err != nil {
					break
				}
			}
			_ = conn.Close() // as a browser does
		})
	}
	listening.Wait()
	return times
}

// Close frames are spread over time, so that not all clients reconnect at once. A client
// that sends meanwhile is closed at once and its message is not stored; new connections
// are refused.
func TestCloseFramesAreSpread(t *testing.T) {
	people := chattest.LongOr(2000, 400)
	program := chattest.StartProgram(t, "--data", t.TempDir(), "--rate", "0", "--byte-rate", "0")
	w := program.World()
	ann := w.Join("Ann", "night-watch", chattest.ComesBack())
	if seq, _ := ann.SaysUntilAcknowledged("night-watch", uuid.NewString(), "before"); seq != 1 {
		t.Fatalf("Ann's message has seq %d", seq)
	}
	var c crowd
	c.comes(program.Address, 0, people, nil)
	if c.inside != people {
		t.Fatalf("%d of %d are connected, %d cut; others got %q", c.inside, people, c.cut, c.wrong)
	}
	began := time.Now()
	program.Signal(syscall.SIGTERM)
	times := toldAt(c.conns)
	code := program.Ended()
	took := time.Since(began)
	if code != 0 || chattest.Exceeds(took, 10*time.Second) {
		t.Errorf("it ends with %d after %v:\n%.2000s", code, took, program.Log())
	}
	var after []time.Duration
	for _, at := range times {
		after = append(after, at.Sub(began))
	}
	first, middle, last := chattest.Quantile(0, after), chattest.Quantile(0.5, after), chattest.Quantile(1, after)
	if len(times) < people*99/100 {
		t.Errorf("%d of %d got 1001", len(times), people)
	}
	least := min(time.Duration(people)*time.Second/500, 3*time.Second) * 3 / 4
	if chattest.Long() && (last-first < least || middle-first < least/4) { // a busy machine delivers the first ones late
		t.Errorf("the close frames came after %v to %v, half of them after %v", first, last, middle)
	}
	program.Restart()
	if seq, _ := ann.SaysUntilAcknowledged("night-watch", uuid.NewString(), "after"); seq != 2 {
		t.Errorf("afterwards Ann's next message has seq %d", seq)
	}
	chattest.Figure(t, "P4", "%d who are silent: %d told 1001, after %.2f to %.2f s, exit 0 after %.2f s", people, len(times), first.Seconds(), last.Seconds(), took.Seconds())
}

// A client that sends during the drain is closed at once, and its message is not stored,
// so its state is never in doubt.
func TestSendingDuringADrainClosesAtOnce(t *testing.T) {
	program := chattest.StartProgram(t, "--data", t.TempDir(), "--rate", "0", "--byte-rate", "0")
	w := program.World()
	var c crowd
	c.comes(program.Address, 0, 1000, nil) // two seconds of close frames
	tom := w.Connect("Tom", "room=night-watch")
	tom.Hears("Tom connected to chat")
	program.Signal(syscall.SIGTERM)
	program.Logs("stopping")
	began := time.Now()
	var mine []string
	for tom.TrySay("still there?") == nil && time.Since(began) < chattest.Patience {
		if line, err := tom.Line(); err == nil {
			mine = append(mine, line)
			continue
		}
		break
	}
	took := time.Since(began)
	if _, response, err := w.TryConnect("late", "", nil); err == nil || response == nil || response.StatusCode != 503 {
		t.Errorf("a new connection gets %v, %v", response, err)
	}
	told := toldAt(c.conns)
	if len(told) < 990 {
		t.Fatalf("%d of 1000 got 1001", len(told))
	}
	if code := program.Ended(); code != 0 {
		t.Errorf("it ends with %d", code)
	}
	if last := slices.MaxFunc(told, time.Time.Compare); chattest.Exceeds(took, time.Second) || began.Add(took).After(last) {
		t.Errorf("the sender is closed after %v, the last of the others after %v", took, last.Sub(began))
	}
	program.Restart()
	again := program.World().Connect("reader", "room=night-watch&history=100")
	again.Hears(append(mine, "reader connected to chat")...)
	for _, line := range mine {
		if !strings.HasPrefix(line, "Tom: ") {
			t.Errorf("Tom received %q", line)
		}
	}
}
