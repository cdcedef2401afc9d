package handlers

import (
	"time"

	"golang.org/x/time/rate"
)

const (
	// rateBurst is how many times a second's messages may come at once.
	rateBurst = 3
	// readsPerMessage is how many commands that read the store may come for each
	// message that may: a page that comes back joins twenty rooms at once, and whoever
	// looks for something scrolls through a hundred pages.
	readsPerMessage = 10
)

// slow waits until the connection may say the next thing: who is faster than the
// rate is read no faster.
func (s *sockets) slow(conn *connection) { s.hold(&conn.saying, s.options.Rate) }

// slowReads waits until the connection, and all of its address together, may ask for
// the next page of messages or rooms. What is asked does not count as said, so who
// reads can speak.
func (s *sockets) slowReads(conn *connection) {
	s.hold(&conn.reading, readsPerMessage*s.options.Rate)
	if wait := s.rush.mayReadIn(conn.Address); wait > 0 {
		s.pause(wait)
	}
}

// hold waits until a limiter lets one more pass. It is made with the first: who only
// listens needs none.
func (s *sockets) hold(limiter **rate.Limiter, perSecond int) {
	if perSecond == 0 {
		return
	}
	if *limiter == nil {
		*limiter = rate.NewLimiter(rate.Limit(perSecond), rateBurst*perSecond)
	}
	if wait := (*limiter).Reserve().Delay(); wait > 0 {
		s.pause(wait)
	}
}

// maxChatter is how many frames a second a connection may send that say nothing: pings,
// their answers, and commands that are not understood. Who sends more is read no
// faster, which costs the sender and nobody else; a library sends one in some seconds.
const maxChatter = 1000

// pace holds up whoever sends more than maxChatter.
type pace struct {
	sent  int32
	since time.Duration // of the first of them, after started
}

// started is what a pace counts from: less to keep than a time.
var started = time.Now()

// next counts one more, and waits if it comes too early.
func (p *pace) next() {
	if p.sent++; p.sent < maxChatter {
		return
	}
	p.sent = 0
	now := time.Since(started)
	if early := p.since + time.Second - now; p.since > 0 && early > 0 {
		time.Sleep(early) // so short that a stop can wait for it
		now += early
	}
	p.since = now
}
