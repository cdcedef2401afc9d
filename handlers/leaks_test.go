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

// No goroutine is left when all tests have finished.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, chattest.Lasting()...)
}

// visitorsPerRound is how many people join and leave in each of four rounds: a thousand in
// the long form, and 25,000 with CHAOS=nightly.
func visitorsPerRound() int {
	if os.Getenv("CHAOS") == "nightly" {
		return 25_000
	}
	return chattest.LongOr(1000, 250)
}

// When everyone has left, goroutines, descriptors and memory are back where they were.
func TestNothingIsLeftBehind(t *testing.T) {
	w := chattest.NewWorld(t, chattest.WorkersWait(100*time.Millisecond))
	ann := w.Connect("Ann", "room=quiet")
	ann.Hears("Ann connected to chat")
	goroutines, files := waitUntilSettled(t, 1<<30, 1<<30)
	people := visitorsPerRound()
	come := func() {
		var coming sync.WaitGroup
		for first := range concurrentVisitors {
			coming.Go(func() {
				for i := first; i < people; i += concurrentVisitors {
					visitOnce(t, w, i)
				}
			})
		}
		coming.Wait()
	}
	come() // fills caches and pools
	memory := bytesInUse()
	for range 4 {
		come()
	}
	nowGoroutines, nowFiles := waitUntilSettled(t, goroutines+5, files+5)
	now := bytesInUse()
	if now > memory+memory/4 {
		t.Errorf("%d kB are in use, of %d", now>>10, memory>>10)
	}
	chattest.Figure(t, "P16", "4 × %d came and went: goroutines %d → %d, descriptors %d → %d, memory in use %d → %d kB",
		people, goroutines, nowGoroutines, files, nowFiles, memory>>10, now>>10)
}

// concurrentVisitors is how many people are connected at the same time.
const concurrentVisitors = 100

// visitOnce has one person join, send a message and leave. Of every five, three close
// properly, one connection is reset, and one ends in the middle of a frame.
func visitOnce(t *testing.T, w *chattest.World, i int) {
	t.Helper()
	name, goodbye := fmt.Sprint("p", i), raw("\x88\x82", "\x03\xe8")
	switch i % 5 {
	case 0, 1:
		conn, err := net.Dial("tcp", w.Address()) // the World's own connections stay until the test ends
		if err != nil {
			t.Error(err)
			return
		}
		_ = conn.SetDeadline(time.Now().Add(chattest.Patience))
		upgrade(t, w, conn, "/chat/"+name)
		if i%5 == 0 {
			_ = conn.(*net.TCPConn).SetLinger(0)
		} else {
			_, _ = conn.Write([]byte(part(0x81, "half of it")[:9])) // it is closed next anyway
		}
		_ = conn.Close()
	default:
		if got := answerTo(t, w, w.Address(), name, part(0x81, "hi")+goodbye); got != `"hi" 1000` {
			t.Errorf("%s is answered %s", name, got)
		}
	}
}

// bytesInUse returns the bytes in use by the heap and by stacks.
func bytesInUse() uint64 {
	var stats runtime.MemStats
	for range 3 { // the second one empties pools
		runtime.GC()
	}
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc + stats.StackInuse
}

// waitUntilSettled waits until no more goroutines and descriptors remain than allowed and
// their number has stopped falling, and returns both.
func waitUntilSettled(t *testing.T, mostGoroutines, mostFiles int) (goroutines, files int) {
	t.Helper()
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	fewest := 1 << 30
	for deadline := time.Now().Add(chattest.Patience); ; <-ticker.C {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			entries = nil // only Linux lists them
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
