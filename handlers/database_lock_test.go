package handlers_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// busyTimeout is how long the store waits for a lock.
const busyTimeout = 5 * time.Second

// Twenty people keep sending while the database stays locked: each message is refused in
// time, goroutines do not pile up, and everything works again when the lock is released.
func TestALongLockRefusesInTime(t *testing.T) {
	const people = 20
	w := chattest.NewWorld(t)
	var all []*chattest.Member
	for i := range people {
		all = append(all, w.Join(fmt.Sprint("p", i), "lobby"))
	}
	release := w.LocksTheDatabase()
	until := time.Now().Add(time.Duration(chattest.LongOr(30, 1)) * time.Second)
	refused := make([][]time.Duration, people)
	before, most := runtime.NumGoroutine(), 0
	var talking sync.WaitGroup
	for i, m := range all {
		talking.Go(func() {
			for time.Now().Before(until) && !t.Failed() {
				began, id := time.Now(), uuid.NewString()
				m.Sends("lobby", id, "while it is locked")
				e := m.HearsEventThat("answers "+id, func(e chattest.Event) bool { return e.ID == id })
				if e.Code != "not_stored" {
					t.Errorf("%s is answered %+v", m.Name, e)
				}
				refused[i] = append(refused[i], time.Since(began))
				if i == 0 {
					most = max(most, runtime.NumGoroutine())
				}
			}
		})
	}
	talking.Wait()
	release()
	free := time.Now()
	for _, m := range all {
		m.SaysUntilAcknowledged("lobby", uuid.NewString(), "now")
	}
	again := time.Since(free)
	var times []time.Duration
	for _, of := range refused {
		times = append(times, of...)
	}
	slowest := chattest.Quantile(1, times)
	if chattest.Exceeds(slowest, 2*busyTimeout-time.Second) { // SQLite counts the pauses that it requests, not how long they take
		t.Errorf("a refusal took %v", slowest)
	}
	if more := most - before; more > 2*people {
		t.Errorf("%d more goroutines", more)
	}
	if stored := w.Stored("lobby"); len(stored) != people {
		t.Errorf("%d messages are stored instead of %d", len(stored), people)
	}
	chattest.Figure(t, "P20", "a lock that stays: %d refused, none stored, after at most %.1f s; goroutines %+d; all 20 stored %.2f s after it was free",
		len(times), slowest.Seconds(), most-before, again.Seconds())
}
