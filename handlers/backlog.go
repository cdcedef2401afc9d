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
	shorter  sync.Cond // it became shorter, or nothing will be written any more
	queue    [][]byte  // runs of whole frames
	bytes    int       // of the queue, not written yet
	begun    int       // bytes of queue[0] written
	inFlight int       // bytes the flusher is writing now
	taken    time.Time // when the connection last took some of it
}

// cut drops the frames that are not begun: they would never arrive. The one
// begun is finished, or the close frame would be taken for a part of it.
func (w *socketWriter) cut(reason chat.Close) {
	b := w.backlog
	begun := frameEnd(b.queue[0], b.begun+b.inFlight)
	w.reporter.Queued(begun - b.begun - b.bytes)
	b.bytes = begun - b.begun
	if b.queue[0] = b.queue[0][:begun]; begun == 0 {
		b.queue = nil
	} else {
		clear(b.queue[1:]) // or what was dropped would stay until all is written
		b.queue = b.queue[:1]
	}
	_ = w.conn.SetWriteDeadline(noDeadline) // one that has passed would fail the goodbye
	w.queueClose(reason)
}

// drop forgets the backlog.
func (w *socketWriter) drop() {
	if b := w.backlog; b != nil {
		w.backlog = nil
		w.reporter.Behind(-1)
		w.reporter.Queued(-b.bytes)
		b.shorter.Broadcast()
	}
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
	for w.backlog != nil {
		w.backlog.shorter.Wait()
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
			w.reporter.log.Error("flushing a connection panicked", "panic", p, "stack", string(debug.Stack()))
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
		w.wrote(n, err)
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
		w.drop()
		// A deadline that passes while nothing is written would fail the next try.
		_ = w.conn.SetWriteDeadline(noDeadline)
		return nil
	}
	chunk := b.queue[0][b.begun:]
	chunk = chunk[:min(len(chunk), writeSize)]
	b.inFlight = len(chunk)
	return chunk
}

func (w *socketWriter) wrote(n int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.backlog
	if b == nil { // it failed meanwhile
		return
	}
	b.inFlight = 0
	b.begun += n
	b.bytes -= n
	if n > 0 {
		b.taken = time.Now()
	}
	w.reporter.Sent(w.fd, n)
	w.reporter.Queued(-n)
	if b.begun == len(b.queue[0]) {
		b.queue[0] = nil
		b.queue, b.begun = b.queue[1:], 0
	}
	b.shorter.Broadcast()
	switch {
	case err == nil || n > 0 && errors.Is(err, os.ErrDeadlineExceeded):
	case errors.Is(err, os.ErrDeadlineExceeded) && w.closeFrame == nil:
		w.cut(chat.CloseTooSlow)
	default:
		w.fail()
	}
}
