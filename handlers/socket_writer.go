package handlers

import (
	"errors"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"chatserver/chat"
)

const (
	// maxQueue is how many bytes may wait for a connection that is behind.
	maxQueue = 256 << 10
	// calmQueue is up to where a queue is no worry: above it joined and left
	// lines are spared, and history waits.
	calmQueue = 64 << 10
	// writeWait is how long a connection may take not a single byte.
	writeWait = 10 * time.Second
	// writeSize is how much is written under one deadline.
	writeSize = 16 << 10
	// sendBuffer is the kernel's share of the queue: its own choice would
	// swallow megabytes a stalled reader before we noticed.
	sendBuffer = 64 << 10
)

// socketWriter is the one way to write to a connection, so that there is one
// order. A write is tried at once and never blocks; what the socket does not
// take waits in a queue, which a flusher empties that exists only as long as
// the connection is behind.
type socketWriter struct {
	conn net.Conn
	raw  syscall.RawConn // nil when the connection has no descriptor of its own (TLS): then all is queued
	try  tryWrite
	log  *slog.Logger
	// emptied, if there is one, is called when the queue has become empty.
	emptied func()

	mu       sync.Mutex
	calm     sync.Cond // the queue became shorter, or nothing will be written any more
	queue    [][]byte  // runs of whole frames
	queued   int       // bytes of the queue not written yet
	begun    int       // bytes of queue[0] written
	inFlight int       // bytes the flusher is writing now
	flushing bool
	goodbye  *chat.Close // the close frame is queued: nothing follows
	broken   bool        // the connection takes nothing any more
}

func (w *socketWriter) init(conn net.Conn, log *slog.Logger) {
	w.conn, w.log = conn, log
	w.calm.L = &w.mu
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(sendBuffer) // a wish; without it the queue is only longer
		w.raw = rawConn(tcp)
	}
	w.try.init()
}

// Write implements chat.Socket.
func (w *socketWriter) Write(frames []byte) (kept bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.goodbye != nil || w.broken || len(frames) == 0 {
		return false
	}
	return w.write(frames)
}

// write is called with the lock held.
func (w *socketWriter) write(frames []byte) (kept bool) {
	begun := 0
	if w.raw != nil && len(w.queue) == 0 {
		n, err := w.try.write(w.raw, frames)
		if err != nil {
			w.fail()
			return false
		}
		if n == len(frames) {
			return false
		}
		begun = n
	}
	if len(w.queue) == 0 {
		w.begun = begun
	}
	w.queue = append(w.queue, frames)
	w.queued += len(frames) - begun
	if w.queued > maxQueue && w.goodbye == nil {
		w.cut(chat.CloseTooSlow)
	}
	w.startFlusher()
	return true
}

// Behind implements chat.Socket.
func (w *socketWriter) Behind() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.queued > calmQueue
}

// Calm implements chat.Socket.
func (w *socketWriter) Calm() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.queued > calmQueue && w.goodbye == nil && !w.broken {
		w.calm.Wait()
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
	if w.goodbye != nil {
		return *w.goodbye
	}
	if w.broken {
		return net.ErrClosed
	}
	return nil
}

// close queues the close frame as the last, and reports whether it was the
// first to do so.
func (w *socketWriter) close(reason chat.Close) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.goodbye != nil || w.broken {
		return false
	}
	w.sayGoodbye(reason)
	w.startFlusher()
	return true
}

// cut drops the frames that are not begun: they would never arrive. The one
// begun is finished, or the close frame would be taken for a part of it.
func (w *socketWriter) cut(reason chat.Close) {
	begun := frameEnd(w.queue[0], w.begun+w.inFlight)
	w.queued = begun - w.begun
	if w.queue[0] = w.queue[0][:begun]; begun == 0 {
		w.queue = nil
	} else {
		w.queue = w.queue[:1]
	}
	_ = w.conn.SetWriteDeadline(noDeadline) // one that has passed would fail the goodbye
	w.sayGoodbye(reason)
}

// sayGoodbye queues the close frame and wakes the reader.
func (w *socketWriter) sayGoodbye(reason chat.Close) {
	w.goodbye = &reason
	w.write(appendClose(nil, reason.Code, reason.Reason))
	w.calm.Broadcast()
	_ = w.conn.SetReadDeadline(past) // fails only on a connection that is closed already
}

// fail is called when the socket takes nothing any more: the reader will
// notice, and end the connection.
func (w *socketWriter) fail() {
	if w.broken {
		return
	}
	w.broken = true
	w.queue, w.queued, w.begun = nil, 0, 0
	w.calm.Broadcast()
	_ = w.conn.SetReadDeadline(past)
}

// waitFinished waits until all is written, but no longer than the time given,
// and reports whether it was.
func (w *socketWriter) waitFinished(atMost time.Duration) bool {
	timer := time.AfterFunc(atMost, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.fail()
	})
	defer timer.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) > 0 && !w.broken {
		w.calm.Wait()
	}
	return !w.broken
}

func (w *socketWriter) startFlusher() {
	if !w.flushing && len(w.queue) > 0 && !w.broken {
		w.flushing = true
		go w.flush()
	}
}

// flush writes the queue until it is empty.
func (w *socketWriter) flush() {
	defer func() {
		if p := recover(); p != nil {
			w.mu.Lock()
			w.fail()
			w.mu.Unlock()
			w.log.Error("flushing a connection panicked", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	for {
		chunk := w.next()
		if chunk == nil {
			if w.emptied != nil {
				w.emptied()
			}
			return
		}
		err := w.conn.SetWriteDeadline(time.Now().Add(writeWait))
		n := 0
		if err == nil {
			n, err = w.conn.Write(chunk)
		}
		w.wrote(n, err)
	}
}

// next returns what is to be written now, or nil when the flusher has to end.
func (w *socketWriter) next() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken || len(w.queue) == 0 {
		w.flushing = false
		w.queue = nil
		if !w.broken {
			// A deadline that passes while nothing is written would fail the next try.
			_ = w.conn.SetWriteDeadline(noDeadline)
		}
		return nil
	}
	chunk := w.queue[0][w.begun:]
	chunk = chunk[:min(len(chunk), writeSize)]
	w.inFlight = len(chunk)
	return chunk
}

func (w *socketWriter) wrote(n int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inFlight = 0
	if w.broken {
		return
	}
	w.begun += n
	w.queued -= n
	if w.begun == len(w.queue[0]) {
		w.queue[0] = nil
		w.queue, w.begun = w.queue[1:], 0
	}
	w.calm.Broadcast()
	switch {
	case err == nil || n > 0 && errors.Is(err, os.ErrDeadlineExceeded):
	case errors.Is(err, os.ErrDeadlineExceeded) && w.goodbye == nil:
		w.cut(chat.CloseTooSlow)
	default:
		w.fail()
	}
}

// past is a deadline that wakes whoever waits for the connection.
var past, noDeadline = time.Unix(1, 0), time.Time{}
