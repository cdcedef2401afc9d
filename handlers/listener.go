package handlers

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

const (
	// reservedFiles is how many descriptors no newcomer gets: they are for the database,
	// and for those who are told that there is no room.
	reservedFiles = 32
	// maxRefusals is how many are told so at once, and refusalTimeout how long each of them
	// has to read it.
	maxRefusals    = 16
	refusalTimeout = 250 * time.Millisecond
	// minRetryDelay and lastRetry are how long accepting rests when the system has no
	// descriptor or no memory for a connection: at first, and at most.
	minRetryDelay = 5 * time.Millisecond
	maxRetryDelay = time.Second
	// logInterval is how often the log has one and the same trouble.
	logInterval = 10 * time.Second
)

// listener is a port that outlives what the system runs out of. The HTTP server
// would end with the first error, and every connection with it. Whoever comes when
// descriptors run short is answered 503: a connection that waits in the kernel would
// not know that it had better come later.
type listener struct {
	net.Listener
	firstReserved   int        // descriptors from this number on are spare; 0 = there is no limit
	conns           *httpConns // those that a newcomer may replace
	limited         bool       // whether an address may have only so many of conns
	log             *slog.Logger
	countRefusal    func(reason string) // counts a refusal, see refusals
	refusing        chan struct{}       // one element for each who is being told
	refusingAddress chan struct{}       // the same, of addresses with too many connections
	closed          chan struct{}
	once            sync.Once
	lastLogged      map[string]time.Time // when a trouble was logged last
	retryDelay      time.Duration
}

// newListener makes a port that serves as long as the process has fewer descriptors
// than files, less some to spare; 0 = no limit. When descriptors run short, a newcomer
// replaces the connection that has been idle for longest, and only without one is refused.
func newListener(port net.Listener, files int, conns *httpConns, r *reporter) *listener {
	return &listener{
		Listener: port, firstReserved: files - min(reservedFiles, files/4), conns: conns, log: r.log, countRefusal: r.Refused,
		refusing: make(chan struct{}, maxRefusals), refusingAddress: make(chan struct{}, maxRefusals), closed: make(chan struct{}),
		lastLogged: map[string]time.Time{}, retryDelay: minRetryDelay,
	}
}

// Accept returns the next connection that there is room for. The error is that of a
// port that was closed or is broken.
func (l *listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		switch {
		case err != nil && !isTransient(err):
			return nil, err
		case err != nil && l.conns.closeOldest(): // there are descriptors again
		case err != nil:
			l.warn("connections cannot be accepted for now", "error", err)
			if !l.backOff() {
				return nil, net.ErrClosed
			}
		case l.limited && !l.conns.admit(conn):
			l.refuseAddress(conn)
		case l.isReserved(conn) && !l.conns.closeOldest():
			l.warn("descriptors run short: newcomers are refused", "most", l.firstReserved)
			l.refuseFull(conn)
		default:
			l.retryDelay = minRetryDelay
			return conn, nil
		}
	}
}

// Close ends the port, also while it rests.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// isTransient reports whether the system lacks what it may have again in a moment.
func isTransient(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ENOBUFS) || errors.Is(err, syscall.ENOMEM)
}

// backOff waits before the next try, longer each time, and reports whether there is one.
func (l *listener) backOff() bool {
	timer := time.NewTimer(l.retryDelay)
	defer timer.Stop()
	l.retryDelay = min(2*l.retryDelay, maxRetryDelay)
	select {
	case <-timer.C:
		return true
	case <-l.closed:
		return false
	}
}

// isReserved reports whether a connection has one of the spare descriptors. The kernel
// gives the lowest number that is free, so that number is how many are in use,
// whatever they are in use for.
func (l *listener) isReserved(conn net.Conn) bool {
	tcp, ok := conn.(*net.TCPConn)
	return l.firstReserved > 0 && ok && descriptor(tcp) >= l.firstReserved
}

// serverFull and addressFull are answers that need no request.
var (
	serverFull  = rawResponse(http.StatusServiceUnavailable, reasonServerFull)
	addressFull = rawResponse(http.StatusTooManyRequests, reasonTooManyConns)
)

const (
	reasonServerFull   = "The server has no room for more connections: try again in a moment.\n"
	reasonTooManyConns = "Your address has too many connections open: close some, or try again in a moment.\n"
)

func rawResponse(status int, reason string) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nRetry-After: %d\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: %d\r\n\r\n%s",
		status, http.StatusText(status), retryAfter, len(reason), reason)
}

// refuseFull says that there is no room for anybody, and hangs up. Newcomers wait for that: with
// descriptors this short there is nothing else to do for them.
func (l *listener) refuseFull(conn net.Conn) {
	timer := time.NewTimer(refusalTimeout)
	defer timer.Stop()
	select {
	case l.refusing <- struct{}{}:
		go refuseWith(conn, serverFull, l.refusing)
	case <-timer.C:
		_ = conn.Close() // there is nobody to tell
	}
}

// refuseAddress says that an address has too many connections, and hangs up. Nobody waits for
// that, or one address would hold up all others: of very many, most are cut off.
func (l *listener) refuseAddress(conn net.Conn) {
	l.countRefusal(reasonAddressFull)
	l.warn("too many connections from one address: more are refused", "address", addressOf(conn), "limit", l.conns.limit)
	select {
	case l.refusingAddress <- struct{}{}:
		go refuseWith(conn, addressFull, l.refusingAddress)
	default:
		_ = conn.Close()
	}
}

// refuseWith writes an answer and hangs up. Whoever is not done reading it in time is cut off.
func refuseWith(conn net.Conn, answer []byte, slot <-chan struct{}) {
	defer func() { <-slot }()
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(refusalTimeout)) // of one that is gone the next line says so
	if _, err := conn.Write(answer); err != nil {
		return
	}
	discardUnread(conn)
}

// discardUnread reads what is left of a request that has been answered: closing with a request
// unread would reset the connection and lose the answer. The deadline is the caller's.
func discardUnread(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // the read below ends whatever came of it
	}
	_, _ = io.CopyN(io.Discard, conn, maxHeader)
}

// warn logs a trouble, but not each time: it comes with every newcomer.
func (l *listener) warn(trouble string, args ...any) {
	if time.Since(l.lastLogged[trouble]) < logInterval {
		return
	}
	l.lastLogged[trouble] = time.Now()
	l.log.Warn(trouble, args...)
}
