package handlers

import (
	"net"
	"sync"
	"time"

	"chatserver/chat"
)

const (
	// maxQueue is how many bytes may wait for a connection that is behind.
	maxQueue = 256 << 10
	// behindAbove is up to where a queue is no worry: above it joined and left
	// lines are spared, and history waits.
	behindAbove = 64 << 10
	// writeTimeout is how long a connection may take not a single byte.
	writeTimeout = 10 * time.Second
	// writeSize is how much is written under one deadline.
	writeSize = 16 << 10
	// stalledAfter is how long a connection that is behind may take nothing before
	// senders stop waiting for it.
	stalledAfter = 300 * time.Millisecond
	// sendBuffer is the kernel's share of the queue: its own choice would
	// swallow megabytes a stalled reader before we noticed.
	sendBuffer = 64 << 10
)

// socketWriter is the one way to write to a connection, so that there is one
// order. A write is tried at once and never blocks; what the socket does not
// take waits in a backlog.
type socketWriter struct {
	mu sync.Mutex
	// fd is the connection's descriptor. It is written to without Go's own lock around
	// it, which every delivery would pay for; so nobody but shut may close the
	// connection, and nothing is written after that. noDescriptor if it has none of
	// its own (TLS): then all is queued.
	fd         int
	backlog    *backlog    // nil unless the connection is behind
	closeFrame *chat.Close // the close frame is queued: nothing follows
	broken     bool        // the connection takes nothing any more
	wroteAny   bool        // something was written since spoke was asked last

	conn     net.Conn
	reporter *reporter
	done     chan struct{} // of ending; nil until somebody waits
	// onFlushed, if there is one, is called when the backlog is written.
	onFlushed func()
}

func (w *socketWriter) init(conn net.Conn, r *reporter) {
	w.conn, w.reporter, w.fd = conn, r, noDescriptor
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(sendBuffer) // a wish; without it the queue is only longer
		w.fd = descriptor(tcp)
	}
}

// Write implements chat.Socket.
func (w *socketWriter) Write(frames []byte) (kept bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closeFrame != nil || w.broken || len(frames) == 0 {
		return false
	}
	return w.write(frames)
}

// write is called with the lock held.
func (w *socketWriter) write(frames []byte) (kept bool) {
	w.wroteAny = true
	begun := 0
	if w.fd != noDescriptor && w.backlog == nil {
		n, err := writeNow(w.fd, frames)
		if err != nil {
			w.fail()
			return false
		}
		w.reporter.Sent(w.fd, n)
		if n == len(frames) {
			return false
		}
		begun = n
	}
	b := w.backlog
	if b == nil {
		b = &backlog{shrunk: sync.Cond{L: &w.mu}, written: begun, lastProgress: time.Now()}
		w.backlog = b
		w.reporter.Behind(1)
		go w.flush()
	}
	b.queue = append(b.queue, frames)
	b.bytes += len(frames) - begun
	w.reporter.Queued(len(frames) - begun)
	if b.bytes > maxQueue && w.closeFrame == nil {
		w.shedLocked(chat.CloseTooSlow)
	}
	return true
}

// takeWroteAny reports whether anything was written since it was last called.
func (w *socketWriter) takeWroteAny() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	spoken := w.wroteAny
	w.wroteAny = false
	return spoken
}

// Lag implements chat.Socket. A connection that is being closed is Stalled, too.
func (w *socketWriter) Lag() chat.Lag {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case !w.behind():
		return chat.Current
	case w.closeFrame != nil || time.Since(w.backlog.lastProgress) > stalledAfter:
		return chat.Stalled
	default:
		return chat.Behind
	}
}

func (w *socketWriter) behind() bool { return w.backlog != nil && w.backlog.bytes > behindAbove }

// Calm implements chat.Socket.
func (w *socketWriter) Calm() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.behind() && w.closeFrame == nil {
		w.backlog.shrunk.Wait()
	}
	return w.endedLocked()
}

// ended is why nothing will be written any more, or nil.
func (w *socketWriter) ended() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.endedLocked()
}

func (w *socketWriter) endedLocked() error {
	if w.closeFrame != nil {
		return *w.closeFrame
	}
	if w.broken {
		return net.ErrClosed
	}
	return nil
}

// ending returns a channel that is closed when nothing will be written any more.
func (w *socketWriter) ending() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done == nil {
		w.done = make(chan struct{})
		if w.endedLocked() != nil {
			close(w.done)
		}
	}
	return w.done
}

// wake wakes the reader, because nothing will be written any more.
func (w *socketWriter) wake() {
	_ = w.conn.SetReadDeadline(past) // fails only on a connection that is closed already
	if w.done != nil {
		select {
		case <-w.done:
		default:
			close(w.done)
		}
	}
}

// close queues the close frame as the last, and reports whether it was the
// first to do so.
func (w *socketWriter) close(reason chat.Close) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closeFrame != nil || w.broken {
		return false
	}
	w.queueClose(reason)
	return true
}

// queueClose queues the close frame and wakes the reader.
func (w *socketWriter) queueClose(reason chat.Close) {
	w.closeFrame = &reason
	w.write(appendClose(nil, reason.Code, reason.Reason))
	if w.backlog != nil {
		w.backlog.shrunk.Broadcast()
	}
	w.wake()
}

// fail is called when the socket takes nothing any more: the reader will
// notice, and end the connection.
func (w *socketWriter) fail() {
	if w.broken {
		return
	}
	w.broken = true
	w.discardBacklogLocked()
	w.wake()
}

// closeConn closes the connection: nothing is written any more.
func (w *socketWriter) closeConn() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = true
	w.discardBacklogLocked()
	_ = w.conn.Close() // there is nobody left to tell
}

// past is a deadline that wakes whoever waits for the connection.
var past, noDeadline = time.Unix(1, 0), time.Time{}
