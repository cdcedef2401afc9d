package handlers

import (
	"errors"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"chatserver/chat"
)

// backlog is what waits for a connection that is behind. It exists only as long as
// there is something in it, and so does the flusher that empties it.
type backlog struct {
	shrunk       sync.Cond // it became shorter, or nothing will be written any more
	queue        [][]byte  // runs of whole frames
	bytes        int       // of the queue, not written yet
	written      int       // bytes of queue[0] written
	inFlight     int       // bytes the flusher is writing now
	lastProgress time.Time // when the connection last took some of it
}

// shedLocked drops the frames that are not begun: they would never arrive. The one
// begun is finished, or the close frame would be taken for a part of it.
func (w *socketWriter) shedLocked(reason chat.Close) {
	b := w.backlog
	begun := frameEnd(b.queue[0], b.written+b.inFlight)
	w.reporter.Queued(begun - b.written - b.bytes)
	b.bytes = begun - b.written
	if b.queue[0] = b.queue[0][:begun]; begun == 0 {
		b.queue = nil
	} else {
		clear(b.queue[1:]) // or what was dropped would stay until all is written
		b.queue = b.queue[:1]
	}
	_ = w.conn.SetWriteDeadline(noDeadline) // one that has passed would fail the goodbye
	w.queueClose(reason)
}

// discardBacklogLocked forgets the backlog.
func (w *socketWriter) discardBacklogLocked() {
	if b := w.backlog; b != nil {
		w.backlog = nil
		w.reporter.Behind(-1)
		w.reporter.Queued(-b.bytes)
		b.shrunk.Broadcast()
	}
}

// waitFlushed waits until all is written, but no longer than the time given,
// and reports whether it was.
func (w *socketWriter) waitFlushed(atMost time.Duration) bool {
	timer := time.AfterFunc(atMost, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.fail()
	})
	defer timer.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.backlog != nil {
		w.backlog.shrunk.Wait()
	}
	return !w.broken
}

// flush writes the backlog until nothing is left of it.
func (w *socketWriter) flush() {
	defer func() {
		if p := recover(); p != nil {
			w.mu.Lock()
			w.fail()
			w.mu.Unlock()
			w.reporter.Panicked("flush")
			w.reporter.log.Error("panic while flushing a connection", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	for {
		chunk := w.next()
		if chunk == nil {
			if w.onFlushed != nil {
				w.onFlushed()
			}
			return
		}
		err := w.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
		n := 0
		if err == nil {
			n, err = w.conn.Write(chunk)
		}
		w.recordWrite(n, err)
	}
}

// next returns what is to be written now, or nil when the flusher has to end.
func (w *socketWriter) next() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.backlog
	if b == nil {
		return nil
	}
	if len(b.queue) == 0 {
		w.discardBacklogLocked()
		// A deadline that passes while nothing is written would fail the next try.
		_ = w.conn.SetWriteDeadline(noDeadline)
		return nil
	}
	chunk := b.queue[0][b.written:]
	chunk = chunk[:min(len(chunk), writeSize)]
	b.inFlight = len(chunk)
	return chunk
}

func (w *socketWriter) recordWrite(n int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.backlog
	if b == nil { // it failed meanwhile
		return
	}
	b.inFlight = 0
	b.written += n
	b.bytes -= n
	if n > 0 {
		b.lastProgress = time.Now()
	}
	w.reporter.Sent(w.fd, n)
	w.reporter.Queued(-n)
	if b.written == len(b.queue[0]) {
		b.queue[0] = nil
		b.queue, b.written = b.queue[1:], 0
	}
	b.shrunk.Broadcast()
	switch {
	case err == nil || n > 0 && errors.Is(err, os.ErrDeadlineExceeded):
	case errors.Is(err, os.ErrDeadlineExceeded) && w.closeFrame == nil:
		w.shedLocked(chat.CloseTooSlow)
	default:
		w.fail()
	}
}
