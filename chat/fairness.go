package chat

import (
	"os"
	"runtime"
	"sync"
	"time"
)

// fairness is how somebody who has a lot to do lets others run, also those whose news
// are still in the kernel. Go's scheduler looks there only when nobody can run (or
// every 10 ms), and runtime.Gosched leaves the caller among those who can: a few
// busy rooms would make every other room wait as long as that.
//
// So whoever yields waits, and is woken by a byte that goes through the kernel: it
// comes out together with what else has arrived there.
type fairness struct {
	interval time.Duration // how long what has arrived may lie in the kernel
	out   *os.File      // nil when there is no pipe: then it is Gosched all the same

	mu    sync.Mutex
	next  chan struct{} // closed when those who wait may go on
	byteSent bool          // a byte is under way
	last  time.Time     // when one came out
}

// fairnessInterval is how long what has arrived lies in the kernel at most while somebody
// yields. To look there more often would cost more, and fewer messages would share a
// write.
const fairnessInterval = time.Millisecond

func newFairness(every time.Duration) *fairness {
	t := &fairness{interval: every, next: make(chan struct{})}
	in, out, err := os.Pipe()
	if err != nil {
		return t // no descriptors are left: being fair is not all
	}
	t.out = out
	go t.run(in)
	return t
}

// yield lets others run.
func (t *fairness) yield() {
	t.mu.Lock()
	if t.out == nil || !t.byteSent && time.Since(t.last) < t.interval {
		t.mu.Unlock()
		runtime.Gosched()
		return
	}
	next := t.next
	if !t.byteSent {
		t.byteSent = true
		if _, err := t.out.Write([]byte{0}); err != nil {
			t.stopLocked()
		}
	}
	t.mu.Unlock()
	<-next
}

// run wakes those who wait, round by round.
func (t *fairness) run(in *os.File) {
	defer in.Close()
	var b [1]byte
	for {
		_, err := in.Read(b[:])
		if !t.pass(err) {
			return
		}
	}
}

// pass wakes those who wait, and reports whether there may be more.
func (t *fairness) pass(err error) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.stopLocked()
	}
	if t.out == nil { // stopped, and all are awake
		return false
	}
	close(t.next)
	t.next, t.byteSent, t.last = make(chan struct{}), false, time.Now()
	return true
}

// stop ends it: whoever yields later does so with Gosched.
func (t *fairness) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stopLocked()
}

func (t *fairness) stopLocked() {
	if t.out != nil {
		_ = t.out.Close() // and so the other end gets an error
		t.out = nil
		close(t.next)
	}
}
