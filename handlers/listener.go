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

	"chatserver/handlers/request"
	"chatserver/ws"
)

const (
	// reservedFiles is how many descriptors new connections do not get: they are for the
	// database, and for answering clients that are refused.
	reservedFiles = 32
	// maxRefusals is how many clients are refused at the same time, and refusalTimeout how
	// long each of them has to read the answer.
	maxRefusals    = 16
	refusalTimeout = 250 * time.Millisecond
	// minRetryDelay and maxRetryDelay bound the pause before accepting again when the system
	// has no descriptor or no memory for a connection.
	minRetryDelay = 5 * time.Millisecond
	maxRetryDelay = time.Second
	// logInterval is the minimum time between two log lines about the same problem.
	logInterval = 10 * time.Second
)

// listener is a port that survives shortages of descriptors and memory. The HTTP server
// alone would stop at the first error, and close every connection. When descriptors run
// short, new connections get 503: a connection left waiting in the kernel would not know
// that it should retry later.
type listener struct {
	net.Listener
	firstReserved   int        // descriptors from this number on are reserved; 0 = no limit
	conns           *httpConns // the connections that a new one may replace
	limited         bool       // whether conns are limited per address
	log             *slog.Logger
	countRefusal    func(reason string) // counts a refusal, see refusalReasons
	refusing        chan struct{}       // one element per client that is being refused
	refusingAddress chan struct{}       // the same, for addresses with too many connections
	closed          chan struct{}
	once            sync.Once
	lastLogged      map[string]time.Time // by message
	retryDelay      time.Duration
}

// newListener wraps a port. It accepts connections while the process has fewer descriptors
// than files, less the reserved ones; 0 = no limit. When descriptors run short, a new
// connection replaces the longest idle one; if none is idle, the new one is refused.
func newListener(port net.Listener, files int, conns *httpConns, r *request.Reporter) *listener {
	return &listener{
		Listener: port, firstReserved: files - min(reservedFiles, files/4), conns: conns, log: r.Log, countRefusal: r.Refused,
		refusing: make(chan struct{}, maxRefusals), refusingAddress: make(chan struct{}, maxRefusals), closed: make(chan struct{}),
		lastLogged: map[string]time.Time{}, retryDelay: minRetryDelay,
	}
}

// Accept returns the next connection that can be served. It returns an error if the port was
// closed or is broken.
func (l *listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		switch {
		case err != nil && !isTransient(err):
			return nil, err
		case err != nil && l.conns.closeOldest(): // descriptors are free again
		case err != nil:
			l.warn("cannot accept connections", "error", err)
			if !l.backOff() {
				return nil, net.ErrClosed
			}
		case l.limited && !l.conns.admit(conn):
			l.refuseAddress(conn)
		case l.isReserved(conn) && !l.conns.closeOldest():
			l.warn("file descriptors run short: new connections are refused", "limit", l.firstReserved)
			l.refuseFull(conn)
		default:
			l.retryDelay = minRetryDelay
			return conn, nil
		}
	}
}

// Close closes the port, and ends a pause in Accept.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// isTransient reports whether an error is a shortage that may be over in a moment.
func isTransient(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ENOBUFS) || errors.Is(err, syscall.ENOMEM)
}

// backOff waits before the next attempt, longer each time. It returns false if the port was
// closed.
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

// isReserved reports whether a connection has one of the reserved descriptors. The kernel
// assigns the lowest free number, so the number tells how many are in use, by anything in
// the process.
func (l *listener) isReserved(conn net.Conn) bool {
	tcp, ok := conn.(*net.TCPConn)
	return l.firstReserved > 0 && ok && ws.Descriptor(tcp) >= l.firstReserved
}

// serverFull and addressFull are responses that are sent without reading a request.
var (
	serverFull  = rawResponse(http.StatusServiceUnavailable, reasonServerFull)
	addressFull = rawResponse(http.StatusTooManyRequests, reasonTooManyConns)
)

const (
	reasonServerFull   = "The server cannot take more connections: try again in a moment.\n"
	reasonTooManyConns = "Your address has too many connections open: close some, or try again in a moment.\n"
)

func rawResponse(status int, reason string) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nRetry-After: %d\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: %d\r\n\r\n%s",
		status, http.StatusText(status), retryAfter, len(reason), reason)
}

// refuseFull answers that the server is full and closes the connection. Accept waits for a
// free slot: with descriptors this short there is nothing else to do for new connections.
func (l *listener) refuseFull(conn net.Conn) {
	timer := time.NewTimer(refusalTimeout)
	defer timer.Stop()
	select {
	case l.refusing <- struct{}{}:
		go refuseWith(conn, serverFull, l.refusing)
	case <-timer.C:
		_ = conn.Close() // all slots stayed busy: close without an answer
	}
}

// refuseAddress answers that an address has too many connections, and closes the connection.
// It never waits, or one address could hold up all others: beyond maxRefusals, connections
// are closed without an answer.
func (l *listener) refuseAddress(conn net.Conn) {
	l.countRefusal(reasonAddressFull)
	l.warn("too many connections from one address: further ones are refused", "address", addressOf(conn), "limit", l.conns.limit)
	select {
	case l.refusingAddress <- struct{}{}:
		go refuseWith(conn, addressFull, l.refusingAddress)
	default:
		_ = conn.Close()
	}
}

// refuseWith writes a response and closes the connection, at the latest after
// refusalTimeout.
func refuseWith(conn net.Conn, answer []byte, slot <-chan struct{}) {
	defer func() { <-slot }()
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(refusalTimeout)) // if the connection is gone, the write fails
	if _, err := conn.Write(answer); err != nil {
		return
	}
	discardUnread(conn)
}

// discardUnread reads the rest of a request that has been answered: closing with unread
// bytes would reset the connection and lose the answer. The caller sets the deadline.
func discardUnread(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // the read below ends either way
	}
	_, _ = io.CopyN(io.Discard, conn, maxHeader)
}

// warn logs a problem at most once per logInterval: it may occur with every new connection.
func (l *listener) warn(problem string, args ...any) {
	if time.Since(l.lastLogged[problem]) < logInterval {
		return
	}
	l.lastLogged[problem] = time.Now()
	l.log.Warn(problem, args...)
}
