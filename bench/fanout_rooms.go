package main

import (
	"fmt"
	"time"
)

const (
	// maxWindow is the number of messages that may be in flight in a room. All of them fit
	// the socket buffers, so a sender never has to wait for one.
	maxWindow = 256
	// burst is how many messages are sent before incoming data is handled again.
	burst = 64
)

// pace is how fast messages are sent.
type pace struct {
	window int           // messages in a room that not everybody has received
	every  time.Duration // interval between messages, to one room after the other; 0 = as fast as windows allow
	inAll  int           // messages in flight in all rooms; 0 = no limit beyond the windows
}

// byTheClock returns the pace of a number of messages a second in all. The window is as
// wide as possible, because a server that is behind must show it in its delays.
func byTheClock(rate float64) pace {
	return pace{window: maxWindow, every: time.Duration(float64(time.Second) / rate)}
}

// fanout is the fan-out to people in rooms of one size. In each room the first member
// sends, and all members receive, including the sender.
type fanout struct {
	*receivers // room by room
	pace
	people int                           // in each room
	frame  func(room, number int) []byte // what a sender writes
	rooms  []room
	ready  []int // rooms with open windows; the one that waits longest is first
	due    time.Time
	full   time.Time // when sending was last found to be blocked
	sent   int       // messages
	whole  int       // messages that everybody in the room has received
	fanoutResult
}

// room holds the messages in flight in a room.
type room struct {
	flights     []flight // by number, one for each place in the window
	sent, whole int
}

// flight is a message in flight.
type flight struct {
	at    time.Time // when it was sent, or should have been
	heard int       // number of receivers so far
}

func newFan(rs *receivers, rooms int, p pace, frame func(room, number int) []byte) *fanout {
	f := &fanout{receivers: rs, pace: p, people: len(rs.all) / rooms, frame: frame, rooms: make([]room, rooms)}
	for i := range f.rooms {
		f.rooms[i].flights = make([]flight, p.window)
		f.ready = append(f.ready, i)
	}
	return f
}

// open reports whether a message may be sent.
func (f *fanout) open() bool {
	return len(f.ready) > 0 && (f.inAll == 0 || f.sent-f.whole < f.inAll)
}

// sendDue sends what is due, but no more than a burst.
func (f *fanout) sendDue() error {
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

// wait returns how long nothing will be sent unless data arrives.
func (f *fanout) wait() time.Duration {
	if !f.open() {
		return lookAround
	}
	return min(max(0, time.Until(f.due)), lookAround)
}

// send sends a message in the room whose turn it is.
func (f *fanout) send(at time.Time) error {
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

// hear records that one more member has received a message of its room.
func (f *fanout) hear(place, number, bytes int) {
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
	f.last.add(took) // everybody receives in order, so this is the room's oldest
	if r.sent-r.whole == f.window {
		f.ready = append(f.ready, i)
	}
	r.whole++
	f.whole++
}

// lost describes the first message that is still missing.
func (f *fanout) lost() error {
	for i, r := range f.rooms {
		if r.whole < r.sent {
			lost := r.whole + 1
			return fmt.Errorf("message %d of %d in room %d was received by %d of %d", lost, r.sent, i, r.flights[lost%f.window].heard, f.people)
		}
	}
	return nil
}
