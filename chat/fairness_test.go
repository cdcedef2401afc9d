package chat

import (
	"os"
	"runtime"
	"sync"
	"testing"
	"time"
)

func TestGoroutinesThatYieldContinue(t *testing.T) {
	turns := newFairness(time.Microsecond)
	yieldMany(turns)()
	turns.stop()
	turns.stop()
	turns.yield() // after stop it is merely less fair
}

func TestAStopWakesGoroutinesThatYield(t *testing.T) {
	turns := newFairness(time.Microsecond)
	wait := yieldMany(turns)
	turns.stop()
	wait()
}

// yieldMany starts many goroutines that yield often, and returns a function that waits for
// them.
func yieldMany(turns *fairness) (wait func()) {
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 500 {
				turns.yield()
			}
		})
	}
	return wg.Wait
}

// TestInputInTheKernelIsReadBetweenYields runs a goroutine that yields in a loop: one that
// reads from the kernel must run in between, and not only after the loop, as it would with
// runtime.Gosched.
func TestInputInTheKernelIsReadBetweenYields(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	heard := make(chan struct{})
	waiting := make(chan struct{})
	go func() {
		close(waiting)
		_, _ = in.Read(make([]byte, 1)) // the end of the stream is input, too
		close(heard)
	}()
	<-waiting
	turns := newFairness(0)
	defer turns.stop()
	turns.yield() // the reader is in the kernel now
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		select {
		case <-heard:
			return
		default:
			turns.yield()
		}
	}
	t.Error("the input was not read between yields")
}
