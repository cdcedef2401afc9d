package main

import (
	"fmt"
	"time"
)

const (
	// maxWindow is how many messages may be under way in a room: all of them fit
	// the socket buffers, so a sender never has to wait for one.
	maxWindow = 256
	// burst is how many messages are sent before the next look at what came.
	burst = 64
)

// pace is how fast messages are sent.
type pace struct {
	window int           // messages in a room that not everybody has heard
	every  time.Duration // one is sent, in one room after the other; 0 = as fast as windows allow
	inAll  int           // messages under way in all rooms; 0 = what their windows allow
}

// byTheClock is the pace of so many messages a second in all. The window is as
// wide as can be, for a server that is behind must show it in its delays.
func byTheClock(rate float64) pace {
	return pace{window: maxWindow, every: time.Duration(float64(time.Second) / rate)}
}

// fan is people in rooms of one size. In each room the first of them sends, and
// everybody hears it, the sender included.
type fan struct {
	*receivers // those of a room one after the other
	pace
	people int                           // in each room
	frame  func(room, number int) []byte // what a sender writes
	rooms  []room
	ready  []int // rooms whose windows are open: whoever waits longest is first
	due    time.Time
	full   time.Time // when it was last seen that nothing could be sent
	sent   int       // messages
	whole  int       // of them, heard by everybody in the room
	fanned
}

// room is what is under way in a room.
type room struct {
	flights     []flight // by number; the window has as many
	sent, whole int
}

// flight is a message under way.
type flight struct {
	at    time.Time // it was sent, or should have been
	heard int       // by so many
}

func newFan(rs *receivers, rooms int, p pace, frame func(room, number int) []byte) *fan {
	f := &fan{receivers: rs, pace: p, people: len(rs.all) / rooms, frame: frame, rooms: make([]room, rooms)}
	for i := range f.rooms {
		f.rooms[i].flights = make([]flight, p.window)
		f.ready = append(f.ready, i)
	}
	return f
}

// open reports whether a message may be sent.
func (f *fan) open() bool {
	return len(f.ready) > 0 && (f.inAll == 0 || f.sent-f.whole < f.inAll)
}

// sendDue sends what is due, but no more than a burst.
func (f *fan) sendDue() error {
	for range burst {
		now := time.Now()
		if f.due.After(now) {
			return nil
		}
		if !f.open() {
			f.full = now
			return nil
		}
		at := now
		if f.every > 0 && f.due.Before(f.full) { // the server held it up, and not this program
			at = f.due
		}
		if err := f.send(at); err != nil {
			return err
		}
		f.due = f.due.Add(f.every)
	}
	return nil
}

// wait is how long nothing will be sent unless something comes.
func (f *fan) wait() time.Duration {
	if !f.open() {
		return lookAround
	}
	return min(max(0, time.Until(f.due)), lookAround)
}

// send sends a message in the room whose turn it is.
func (f *fan) send(at time.Time) error {
	i := f.ready[0]
	f.ready = f.ready[1:]
	r := &f.rooms[i]
	r.sent++
	f.sent++
	r.flights[r.sent%f.window] = flight{at: at}
	if r.sent-r.whole < f.window {
		f.ready = append(f.ready, i)
	}
	if err := f.all[i*f.people].write(f.frame(i, r.sent)); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

// hear notes that one more heard a message of its room.
func (f *fan) hear(place, number, bytes int) {
	i := place / f.people
	r := &f.rooms[i]
	at := &r.flights[number%f.window]
	took := time.Since(at.at)
	f.each.add(took)
	f.deliveries++
	f.bytes += bytes
	if at.heard++; at.heard < f.people {
		return
	}
	f.last.add(took) // everybody hears in order, so this is the room's oldest
	if r.sent-r.whole == f.window {
		f.ready = append(f.ready, i)
	}
	r.whole++
	f.whole++
}

// lost says which message nobody waits for any more.
func (f *fan) lost() error {
	for i, r := range f.rooms {
		if r.whole < r.sent {
			lost := r.whole + 1
			return fmt.Errorf("message %d of %d in room %d was heard by %d of %d", lost, r.sent, i, r.flights[lost%f.window].heard, f.people)
		}
	}
	return nil
}
