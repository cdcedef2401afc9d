package socket

import (
	"time"

	"golang.org/x/time/rate"

	"chatserver/chatv1"
)

const (
	// rateBurst is the size of a burst, in seconds of the rate.
	rateBurst = 3
	// readsPerMessage is how many commands that read the store are allowed for each message
	// that is: a page that reconnects joins twenty rooms at once, and a user who searches
	// scrolls through a hundred pages.
	readsPerMessage = 10
)

// The causes of throttling, as the metrics name them.
const (
	causeMessages = "messages" // the connection is over its message rate
	causeReads    = "reads"    // pages and lists that the connection, or its address, requests
	causeBytes    = "bytes"    // bytes delivered to others on account of its payer
	causeServed   = "served"   // bytes read from and written to its payer
)

var ThrottleCauses = []string{causeMessages, causeReads, causeBytes, causeServed}

// throttleMessages waits until the connection may send its next message. A client over the
// rate is not refused; it is read more slowly.
func (s *Server) throttleMessages(conn *connection) {
	s.throttle(conn, causeMessages, &conn.messageLimiter, s.options.Rate)
}

// throttleReads waits until the connection, and its whole address, may request the next page
// of messages or rooms. Reads and messages have separate limits, so a client that reads a
// lot can still send.
func (s *Server) throttleReads(conn *connection) {
	s.throttle(conn, causeReads, &conn.readLimiter, readsPerMessage*s.options.Rate)
	s.pause(conn, causeReads, s.Limiter.ReserveRead(conn.Address))
}

// throttle waits until a limiter allows one more event. It creates the limiter on first use,
// so a connection that only listens has none.
func (s *Server) throttle(conn *connection, why string, limiter **rate.Limiter, perSecond int) {
	if perSecond == 0 {
		return
	}
	if *limiter == nil {
		*limiter = rate.NewLimiter(rate.Limit(perSecond), rateBurst*perSecond)
	}
	s.pause(conn, why, (*limiter).Reserve().Delay())
}

// account returns the account of the connection's payer, or nil if there is no limit.
func (s *Server) account(conn *connection) *account {
	if conn.account == nil {
		conn.account = s.budgets.of(conn.Payer())
	}
	return conn.account
}

// checkBudget returns an *chatv1.SlowDown if the connection's payer owes more than maxDebt and
// the framing can express that. Plain text cannot: such a connection is throttled until the
// budget covers what it sends, see payDelivered.
func (s *Server) checkBudget(conn *connection) error {
	account := s.account(conn)
	if account == nil || conn.Kind.IsText() {
		return nil
	}
	if debt := account.delivered.debt(); debt > maxDebt {
		return &chatv1.SlowDown{RetryAfter: debt}
	}
	return nil
}

// payDelivered charges the payer for the bytes that a change sends to each member, and waits
// until the budget covers it. The error is an *chatv1.SlowDown, and then nothing was charged, or
// the reason why the connection ended while it waited.
func (s *Server) payDelivered(conn *connection, bytes int) error {
	if err := s.checkBudget(conn); err != nil {
		return err // the payer's other connections may have spent it since the last check
	}
	if account := s.account(conn); account != nil {
		s.pause(conn, causeBytes, account.delivered.spend(deliveryCost+bytes))
	}
	return conn.Ended()
}

// admitsEphemeral charges the payer for an event that is not stored, such as typing, and
// reports whether the budget covers it. Dropping such an event loses nothing.
func (s *Server) admitsEphemeral(conn *connection) bool {
	account := s.account(conn)
	return account == nil || account.delivered.allow(deliveryCost)
}

// payServed is called after each message and control frame. It adds up the bytes that were
// read from this connection and written to it alone, and charges the payer once the sum is
// worth a charge; then it waits until the budget covers it.
func (s *Server) payServed(conn *connection) {
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

// probeInterval is how often a connection is pinged while it is not read. Only reading would
// reveal that the client is gone; without it, the first ping makes the client's system reset
// the connection, and the second one fails.
const probeInterval = 2 * time.Second

// pause stops reading the connection for a time, or until the connection ends or the server
// stops.
func (s *Server) pause(conn *connection, why string, wait time.Duration) {
	if wait <= 0 {
		return
	}
	began := time.Now()
	defer func() { s.Throttled(why, time.Since(began)) }()
	for left := wait; left > 0; left = wait - time.Since(began) {
		timer := time.NewTimer(min(left, probeInterval))
		select {
		case <-timer.C:
			if left > probeInterval {
				conn.Write(pingFrame)
			}
		case <-conn.Ending():
			timer.Stop()
			return
		case <-s.options.Stopping:
			timer.Stop()
			return
		}
	}
}
