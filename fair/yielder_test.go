package fair

import (
	"os"
	"runtime"
	"sync"
	"testing"
	"time"
)

func TestGoroutinesThatYieldContinue(t *testing.T) {
	f := NewYielder(time.Microsecond)
	yieldMany(f)()
	f.Stop()
	f.Stop()
	f.Yield() // after stop it is merely less fair
}

func TestAStopWakesGoroutinesThatYield(t *testing.T) {
	f := NewYielder(time.Microsecond)
	wait := yieldMany(f)
	f.Stop()
	wait()
}

// yieldMany starts many goroutines that yield often, and returns a function that waits for
// them.
func yieldMany(f *Yielder) (wait func()) {
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 500 {
				f.Yield()
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
	f := NewYielder(0)
	defer f.Stop()
	f.Yield() // the reader is in the kernel now
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		select {
		case <-heard:
			return
		default:
			f.Yield()
		}
	}
	t.Error("the input was not read between yields")
}
