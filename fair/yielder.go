package fair

import (
	"os"
	"runtime"
	"sync"
	"time"
)

// Yielder lets goroutines with much work run others in between, including those whose input
// is still in the kernel. Go's scheduler polls the network only when no goroutine can run,
// or every 10 ms, and runtime.Gosched keeps its caller runnable: with a few busy rooms,
// every other room would wait up to 10 ms.
//
// Therefore Yield blocks until a byte has gone through the kernel's pipe: the poll that
// returns that byte also returns all other input that has arrived.
type Yielder struct {
	interval time.Duration // longest time that input may stay in the kernel
	out      *os.File      // nil without a pipe: Yield then calls Gosched

	mu       sync.Mutex
	next     chan struct{} // closed when waiting goroutines may continue
	byteSent bool          // a byte is on its way through the pipe
	last     time.Time     // when a byte last came out
}

// Interval is the usual one: the longest time that input stays in the kernel while goroutines
// yield. A shorter one would cost more, and fewer messages would share a write.
const Interval = time.Millisecond

// NewYielder returns a yielder for which input stays in the kernel no longer than a time.
// Call Stop to release its pipe and its goroutine.
func NewYielder(every time.Duration) *Yielder {
	f := &Yielder{interval: every, next: make(chan struct{})}
	in, out, err := os.Pipe()
	if err != nil {
		return f // out of descriptors: go on without fairness
	}
	f.out = out
	go f.run(in)
	return f
}

// Yield lets other goroutines run.
func (f *Yielder) Yield() {
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

// run wakes the waiting goroutines, round by round.
func (f *Yielder) run(in *os.File) {
	defer in.Close()
	var b [1]byte
	for {
		_, err := in.Read(b[:])
		if !f.pass(err) {
			return
		}
	}
}

// pass wakes the waiting goroutines, and reports whether there may be more rounds.
func (f *Yielder) pass(err error) bool {
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

// Stop wakes all goroutines; later calls of Yield use Gosched.
func (f *Yielder) Stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopLocked()
}

func (f *Yielder) stopLocked() {
	if f.out != nil {
		_ = f.out.Close() // run then reads an error and ends
		f.out = nil
		close(f.next)
	}
}
