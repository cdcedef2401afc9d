package handlers_test

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"chatserver/chattest"
)

// When all tests are over nothing runs any more.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, chattest.Lasting()...)
}

// comesAndGoes is how many come in each of four rounds: a thousand in the long form,
// and 25,000 with CHAOS=nightly.
func comesAndGoes() int {
	if os.Getenv("CHAOS") == "nightly" {
		return 25_000
	}
	return chattest.LongOr(1000, 250)
}

// Goroutines, descriptors and memory are back where they were when everybody has
// left.
func TestNothingIsLeftBehind(t *testing.T) {
	w := chattest.NewWorld(t, chattest.WorkersWait(100*time.Millisecond))
	ann := w.Connect("Ann", "room=quiet")
	ann.Hears("Ann connected to chat")
	goroutines, files := settled(t, 1<<30, 1<<30)
	people := comesAndGoes()
	come := func() {
		var coming sync.WaitGroup
		for first := range atOnce {
			coming.Go(func() {
				for i := first; i < people; i += atOnce {
					comesOnce(t, w, i)
				}
			})
		}
		coming.Wait()
	}
	come() // caches and pools are filled
	memory := occupied()
	for range 4 {
		come()
	}
	nowGoroutines, nowFiles := settled(t, goroutines+5, files+5)
	now := occupied()
	if now > memory+memory/4 {
		t.Errorf("%d kB are in use, of %d", now>>10, memory>>10)
	}
	chattest.Figure(t, "P16", "4 × %d came and went: goroutines %d → %d, descriptors %d → %d, memory in use %d → %d kB",
		people, goroutines, nowGoroutines, files, nowFiles, memory>>10, now>>10)
}

// atOnce are how many are there at once.
const atOnce = 100

// comesOnce has one come, say something and go: three say goodbye, one is cut, one
// says half of it.
func comesOnce(t *testing.T, w *chattest.World, i int) {
	t.Helper()
	name, goodbye := fmt.Sprint("p", i), raw("\x88\x82", "\x03\xe8")
	switch i % 5 {
	case 0, 1:
		conn, err := net.Dial("tcp", w.Address()) // World's own is kept until the test ends
		if err != nil {
			t.Error(err)
			return
		}
		_ = conn.SetDeadline(time.Now().Add(chattest.Patience))
		upgrade(t, w, conn, "/chat/"+name)
		if i%5 == 0 {
			_ = conn.(*net.TCPConn).SetLinger(0)
		} else {
			_, _ = conn.Write([]byte(part(0x81, "half of it")[:9])) // it is gone in a moment anyway
		}
		_ = conn.Close()
	default:
		if got := answerTo(t, w, w.Address(), name, part(0x81, "hi")+goodbye); got != `"hi" 1000` {
			t.Errorf("%s is answered %s", name, got)
		}
	}
}

// occupied is how many bytes are in use, of the heap and of stacks.
func occupied() uint64 {
	var stats runtime.MemStats
	for range 3 { // pools are emptied by the second
		runtime.GC()
	}
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc + stats.StackInuse
}

// settled waits until no more goroutines and descriptors are there than allowed, and
// are not becoming fewer, and returns how many there are.
func settled(t *testing.T, mostGoroutines, mostFiles int) (goroutines, files int) {
	t.Helper()
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	fewest := 1 << 30
	for deadline := time.Now().Add(chattest.Patience); ; <-ticker.C {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			entries = nil // only Linux tells
		}
		goroutines, files = runtime.NumGoroutine(), len(entries)
		if goroutines <= mostGoroutines && files <= mostFiles && goroutines >= fewest {
			return goroutines, files
		}
		fewest = min(fewest, goroutines)
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines and %d descriptors are left, of %d and %d", goroutines, files, mostGoroutines, mostFiles)
		}
	}
}
