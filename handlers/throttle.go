package handlers

import (
	"math"
	"time"

	"golang.org/x/time/rate"

	"chatserver/chat"
)

const (
	// rateBurst is how many times a second's messages may come at once.
	rateBurst = 3
	// readsPerMessage is how many commands that read the store may come for each
	// message that may: a page that comes back joins twenty rooms at once, and whoever
	// looks for something scrolls through a hundred pages.
	readsPerMessage = 10
)

// The reasons for which a connection is read more slowly, as the metrics name them.
const (
	causeMessages = "messages" // its own messages a second
	causeReads    = "reads"    // pages and lists that it, or its address, asks for
	causeBytes    = "bytes"    // bytes delivered to others because of its payer
	causeServed   = "served"   // bytes read from and written to its payer
)

var throttleCauses = []string{causeMessages, causeReads, causeBytes, causeServed}

// throttleMessages waits until the connection may say the next thing: who is faster than the
// rate is read no faster.
func (s *sockets) throttleMessages(conn *connection) {
	s.throttle(conn, causeMessages, &conn.saying, s.options.Rate)
}

// throttleReads waits until the connection, and all of its address together, may ask for
// the next page of messages or rooms. What is asked does not count as said, so who
// reads can speak.
func (s *sockets) throttleReads(conn *connection) {
	s.throttle(conn, causeReads, &conn.reading, readsPerMessage*s.options.Rate)
	s.pause(conn, causeReads, s.limiter.reserveRead(conn.Address))
}

// throttle waits until a limiter lets one more pass. It is made with the first: who only
// listens needs none.
func (s *sockets) throttle(conn *connection, why string, limiter **rate.Limiter, perSecond int) {
	if perSecond == 0 {
		return
	}
	if *limiter == nil {
		*limiter = rate.NewLimiter(rate.Limit(perSecond), rateBurst*perSecond)
	}
	s.pause(conn, why, (*limiter).Reserve().Delay())
}

// overBudget is the error of a message that is refused because its payer is over budget.
type overBudget struct{ retryAfter time.Duration }

func (e *overBudget) Error() string {
	return "too much was sent from your address: send this message again in a moment"
}

// seconds is how long to wait before the next attempt, in whole seconds.
func (e *overBudget) seconds() int { return int(math.Ceil(e.retryAfter.Seconds())) }

// account returns the account of the connection's payer, or nil if there is no limit.
func (s *sockets) account(conn *connection) *account {
	if conn.account == nil {
		conn.account = s.budgets.of(conn.Payer())
	}
	return conn.account
}

// checkBudget returns a *overBudget if the payer of the connection owes more than maxDebt
// and the connection can be told so. In plain text it cannot: it is held until the
// budget covers what it sends, see payDelivered.
func (s *sockets) checkBudget(conn *connection) error {
	account := s.account(conn)
	if account == nil || conn.Kind == chat.PlainText {
		return nil
	}
	if debt := account.delivered.debt(); debt > maxDebt {
		return &overBudget{debt}
	}
	return nil
}

// payDelivered charges the payer for what each member of a room is sent because of a
// draft, and waits until its budget covers that. The error is a *overBudget, and then
// nothing was charged, or why the connection has ended meanwhile.
func (s *sockets) payDelivered(conn *connection, draft *chat.Draft) error {
	if err := s.checkBudget(conn); err != nil {
		return err // others of the payer paid while this draft was rendered
	}
	if account := s.account(conn); account != nil {
		s.pause(conn, causeBytes, account.delivered.spend(deliveryCost+draft.Size()))
	}
	return conn.ended()
}

// mayHint charges the payer for a hint to a room, like typing, and reports whether its
// budget covers that: a hint that is dropped is missed by nobody.
func (s *sockets) mayHint(conn *connection) bool {
	account := s.account(conn)
	return account == nil || account.delivered.allow(deliveryCost)
}

// payServed charges the payer, after each message and control frame, for what was read
// from the connection and written to it alone, once that is enough to be worth it, and
// waits until its budget covers that.
func (s *sockets) payServed(conn *connection) {
	const worthIt = 16 * frameCost
	unpaid := conn.Unpaid.Add(frameCost)
	if unpaid < worthIt {
		return
	}
	conn.Unpaid.Add(-unpaid)
	if account := s.account(conn); account != nil {
		s.pause(conn, causeServed, account.served.spend(int(unpaid)))
	}
}

// pause stops reading the connection for a while, but no longer than it is open and the
// server runs.
func (s *sockets) pause(conn *connection, why string, wait time.Duration) {
	if wait <= 0 {
		return
	}
	began := time.Now()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-conn.ending():
	case <-s.options.Stopping:
	}
	s.Throttled(why, time.Since(began))
}

// maxIdleFrames is how many frames a second a connection may send that say nothing: pings,
// their answers, and commands that are not understood. Who sends more is read no
// faster, which costs the sender and nobody else; a library sends one in some seconds.
const maxIdleFrames = 1000

// frameLimiter holds up whoever sends more than maxIdleFrames.
type frameLimiter struct {
	frames int32
	since  time.Duration // of the first of them, after started
}

// clockStart is what a pace counts from: less to keep than a time.
var clockStart = time.Now()

// wait counts one more, and waits if it comes too early.
func (p *frameLimiter) wait() {
	if p.frames++; p.frames < maxIdleFrames {
		return
	}
	p.frames = 0
	now := time.Since(clockStart)
	if early := p.since + time.Second - now; p.since > 0 && early > 0 {
		time.Sleep(early) // so short that a stop can wait for it
		now += early
	}
	p.since = now
}
