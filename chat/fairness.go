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
	out      *os.File      // nil when there is no pipe: then it is Gosched all the same

	mu       sync.Mutex
	next     chan struct{} // closed when those who wait may go on
	byteSent bool          // a byte is under way
	last     time.Time     // when one came out
}

// fairnessInterval is how long what has arrived lies in the kernel at most while somebody
// yields. To look there more often would cost more, and fewer messages would share a
// write.
const fairnessInterval = time.Millisecond

func newFairness(every time.Duration) *fairness {
	f := &fairness{interval: every, next: make(chan struct{})}
	in, out, err := os.Pipe()
	if err != nil {
		return f // no descriptors are left: being fair is not all
	}
	f.out = out
	go f.run(in)
	return f
}

// yield lets others run.
func (f *fairness) yield() {
	f.mu.Lock()
	if f.out == nil || !f.byteSent && time.Since(f.last) < f.interval {
		f.mu.Unlock()
		runtime.Gosched()
		return
	}
	next := f.next
	if !f.byteSent {
		f.byteSent = true
		if _, err := f.out.Write([]byte{0}); err != nil {
			f.stopLocked()
		}
	}
	f.mu.Unlock()
	<-next
}

// run wakes those who wait, round by round.
func (f *fairness) run(in *os.File) {
	defer in.Close()
	var b [1]byte
	for {
		_, err := in.Read(b[:])
		if !f.pass(err) {
			return
		}
	}
}

// pass wakes those who wait, and reports whether there may be more.
func (f *fairness) pass(err error) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.stopLocked()
	}
	if f.out == nil { // stopped, and all are awake
		return false
	}
	close(f.next)
	f.next, f.byteSent, f.last = make(chan struct{}), false, time.Now()
	return true
}

// stop ends it: whoever yields later does so with Gosched.
func (f *fairness) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopLocked()
}

func (f *fairness) stopLocked() {
	if f.out != nil {
		_ = f.out.Close() // and so the other end gets an error
		f.out = nil
		close(f.next)
	}
}
