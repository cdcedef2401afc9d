package chat

import (
	"math/rand/v2"
	"sync"
	"time"
)

const (
	// defaultBeat is how often a connection is looked after. Somebody who is
	// silently gone is noticed after two to three of them, well within the 75 s
	// after which people would have noticed themselves; and an idle connection
	// is pinged every second one, often enough for a NAT that forgets after 60 s.
	defaultBeat = 20 * time.Second
	// beatSlots spread the connections over a beat, so that a thousand that came
	// in one second are not all pinged in one moment.
	beatSlots = 20
)

// beats is the one wheel that looks after all connections: no timer and no
// goroutine a connection. It is also the list of the connections.
type beats struct {
	mu    sync.Mutex
	slots [beatSlots][]*Connection
	quit  chan struct{}
	done  chan struct{}
}

// beatSlot is where a connection is on the wheel.
type beatSlot struct{ slot, index int }

func startBeats(every time.Duration) *beats {
	if every == 0 {
		every = defaultBeat
	}
	b := &beats{quit: make(chan struct{}), done: make(chan struct{})}
	go b.run(max(every/beatSlots, time.Millisecond))
	return b
}

func (b *beats) add(conn *Connection) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := rand.IntN(beatSlots) //nolint:gosec // spreading load, not a secret
	conn.beat = beatSlot{s, len(b.slots[s])}
	b.slots[s] = append(b.slots[s], conn)
}

func (b *beats) remove(conn *Connection) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := conn.beat
	slot := b.slots[at.slot]
	last := slot[len(slot)-1]
	slot[at.index], last.beat = last, at
	slot[len(slot)-1] = nil
	b.slots[at.slot] = slot[:len(slot)-1]
}

func (b *beats) run(tick time.Duration) {
	defer close(b.done)
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for s := 0; ; s = (s + 1) % beatSlots {
		select {
		case <-b.quit:
			return
		case <-ticker.C:
		}
		for _, conn := range b.snapshot(s) {
			conn.Socket.Beat()
		}
	}
}

// stop ends the wheel; the list stays.
func (b *beats) stop() {
	close(b.quit)
	<-b.done
}

func (b *beats) snapshot(slot int) []*Connection {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]*Connection(nil), b.slots[slot]...)
}

// each calls f for every connection.
func (b *beats) each(f func(*Connection)) {
	for s := range b.slots {
		for _, conn := range b.snapshot(s) {
			f(conn)
		}
	}
}
