package ws

import (
	"net"
	"sync"
	"time"
)

const (
	// maxQueue is the size limit of a connection's backlog in bytes.
	maxQueue = 256 << 10
	// behindAbove is the backlog in bytes above which a connection is behind.
	behindAbove = 64 << 10
	// writeTimeout is how long a connection may accept no byte at all.
	writeTimeout = 10 * time.Second
	// writeSize is how much is written under one deadline.
	writeSize = 16 << 10
	// stalledAfter is how long a connection that is behind may accept nothing before it counts
	// as stalled.
	stalledAfter = 300 * time.Millisecond
	// sendBuffer is the size of the kernel's send buffer: with its default, a stalled reader
	// would go unnoticed for megabytes.
	sendBuffer = 64 << 10
)

// Writer is the only way to write to a connection, which keeps frames in order. A
// write is attempted at once and never blocks; what the socket does not accept goes to a
// backlog.
type Writer struct {
	mu sync.Mutex
	// fd is the connection's descriptor, or noDescriptor if it has none of its own (TLS); then
	// everything is queued. Writes bypass Go's lock around the descriptor, which would slow
	// down every delivery. So only CloseNow may close the connection, and nothing may be
	// written after that.
	fd         int
	backlog    *backlog // nil unless the connection is behind
	closeFrame *Close   // the queued close frame, after which nothing is written; nil before
	broken     bool     // writing failed
	wroteAny   bool     // since the last TakeWroteAny

	conn    net.Conn
	metrics Metrics
	done    chan struct{} // the channel of ending; nil until it is first called
	// OnFlushed, unless nil, is called when the backlog is written.
	OnFlushed func()
}

// Metrics counts what a writer does. All methods but FlushPanicked are called under its lock.
type Metrics interface {
	Sent(descriptor, bytes int)
	Queued(bytes int)       // change of the backlogs
	Behind(connections int) // change of the number of connections with a backlog
	FlushPanicked(value any)
}

func (w *Writer) init(conn net.Conn, metrics Metrics) {
	w.conn, w.metrics, w.fd = conn, metrics, noDescriptor
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(sendBuffer) // best effort: without it, only more is queued
		w.fd = Descriptor(tcp)
	}
}

// Write sends complete frames in the order of the calls. It reports whether it kept the slice,
// which the caller must then not modify.
func (w *Writer) Write(frames []byte) (kept bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closeFrame != nil || w.broken || len(frames) == 0 {
		return false
	}
	return w.writeLocked(frames)
}

// writeLocked writes what the socket accepts now, and queues the rest.
func (w *Writer) writeLocked(frames []byte) (kept bool) {
	w.wroteAny = true
	begun := 0
	if w.fd != noDescriptor && w.backlog == nil {
		n, err := writeNow(w.fd, frames)
		if err != nil {
			w.failLocked()
			return false
		}
		w.metrics.Sent(w.fd, n)
		if n == len(frames) {
			return false
		}
		begun = n
	}
	b := w.backlog
	if b == nil {
		b = &backlog{shrunk: sync.Cond{L: &w.mu}, written: begun, lastProgress: time.Now()}
		w.backlog = b
		w.metrics.Behind(1)
		go w.flush()
	}
	b.queue = append(b.queue, frames)
	b.bytes += len(frames) - begun
	w.metrics.Queued(len(frames) - begun)
	if b.bytes > maxQueue && w.closeFrame == nil {
		w.shedLocked(CloseTooSlow)
	}
	return true
}

// TakeWroteAny reports whether anything was written since its last call.
func (w *Writer) TakeWroteAny() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	wrote := w.wroteAny
	w.wroteAny = false
	return wrote
}

// Lag reports whether the backlog is long, and whether the peer also reads nothing. A connection
// with a long backlog that is being closed is stalled as well.
func (w *Writer) Lag() (behind, stalled bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	behind = w.behindLocked()
	return behind, behind && (w.closeFrame != nil || time.Since(w.backlog.lastProgress) > stalledAfter)
}

func (w *Writer) behindLocked() bool { return w.backlog != nil && w.backlog.bytes > behindAbove }

// Calm waits until the backlog is short. It returns an error if the connection is closed.
func (w *Writer) Calm() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.behindLocked() && w.closeFrame == nil {
		w.backlog.shrunk.Wait()
	}
	return w.endedLocked()
}

// Ended returns why nothing will be written any more, or nil.
func (w *Writer) Ended() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.endedLocked()
}

func (w *Writer) endedLocked() error {
	if w.closeFrame != nil {
		return *w.closeFrame
	}
	if w.broken {
		return net.ErrClosed
	}
	return nil
}

// Ending returns a channel that is closed when nothing will be written any more.
func (w *Writer) Ending() <-chan struct{} {
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

// wakeLocked unblocks the reader and closes done, because nothing will be written any more.
func (w *Writer) wakeLocked() {
	_ = w.conn.SetReadDeadline(past) // fails only if the connection is already closed
	if w.done != nil {
		select {
		case <-w.done:
		default:
			close(w.done)
		}
	}
}

// Close queues a close frame as the last frame. It reports whether this was the first call.
func (w *Writer) Close(reason Close) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closeFrame != nil || w.broken {
		return false
	}
	w.queueCloseLocked(reason)
	return true
}

// queueCloseLocked queues the close frame and unblocks the reader.
func (w *Writer) queueCloseLocked(reason Close) {
	w.closeFrame = &reason
	w.writeLocked(AppendClose(nil, reason.Code, reason.Reason))
	if w.backlog != nil {
		w.backlog.shrunk.Broadcast()
	}
	w.wakeLocked()
}

// Descriptor returns the number of the connection's descriptor, or -1 if it has none of its own.
func (w *Writer) Descriptor() int { return w.fd }

// SentClose returns the close frame that was queued, if any.
func (w *Writer) SentClose() (reason Close, sent bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closeFrame == nil {
		return Close{}, false
	}
	return *w.closeFrame, true
}

// failLocked marks the connection as broken after a failed write. The reader then ends it.
func (w *Writer) failLocked() {
	if w.broken {
		return
	}
	w.broken = true
	w.discardBacklogLocked()
	w.wakeLocked()
}

// CloseNow closes the connection, after which nothing is written.
func (w *Writer) CloseNow() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = true
	w.discardBacklogLocked()
	_ = w.conn.Close() // an error changes nothing
}

// past is a deadline that unblocks a pending read.
var past, noDeadline = time.Unix(1, 0), time.Time{}
