package handlers

import "time"

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
