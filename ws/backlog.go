package ws

import (
	"errors"
	"os"
	"sync"
	"time"
)

// backlog holds the frames of a connection that cannot keep up. It exists only while it
// contains data, and so does the goroutine that flushes it.
type backlog struct {
	shrunk       sync.Cond // signals that bytes decreased or that writing has ended
	queue        [][]byte  // each element holds whole frames
	bytes        int       // unwritten bytes in the queue
	written      int       // bytes of queue[0] that are written
	inFlight     int       // bytes that the flusher is writing now
	lastProgress time.Time // when the connection last accepted bytes
}

// shedLocked discards the frames that are not started and queues a close frame. A frame that is
// partly written is completed, or the client would read the close frame as a part of it.
func (w *Writer) shedLocked(reason Close) {
	b := w.backlog
	begun := FrameEnd(b.queue[0], b.written+b.inFlight)
	w.metrics.Queued(begun - b.written - b.bytes)
	b.bytes = begun - b.written
	if b.queue[0] = b.queue[0][:begun]; begun == 0 {
		b.queue = nil
	} else {
		clear(b.queue[1:]) // frees the discarded frames now
		b.queue = b.queue[:1]
	}
	_ = w.conn.SetWriteDeadline(noDeadline) // an expired deadline would fail the close frame
	w.queueCloseLocked(reason)
}

// discardBacklogLocked discards the whole backlog.
func (w *Writer) discardBacklogLocked() {
	if b := w.backlog; b != nil {
		w.backlog = nil
		w.metrics.Behind(-1)
		w.metrics.Queued(-b.bytes)
		b.shrunk.Broadcast()
	}
}

// waitFlushed waits until the backlog is written, at most for the given time, and reports
// whether it was.
func (w *Writer) waitFlushed(atMost time.Duration) bool {
	timer := time.AfterFunc(atMost, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.failLocked()
	})
	defer timer.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.backlog != nil {
		w.backlog.shrunk.Wait()
	}
	return !w.broken
}

// flush writes the backlog until it is empty.
func (w *Writer) flush() {
	defer func() {
		if p := recover(); p != nil {
			w.mu.Lock()
			w.failLocked()
			w.mu.Unlock()
			w.metrics.FlushPanicked(p)
		}
	}()
	for {
		chunk := w.next()
		if chunk == nil {
			if w.OnFlushed != nil {
				w.OnFlushed()
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

// next returns the next bytes to write, or nil if the flusher must end.
func (w *Writer) next() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.backlog
	if b == nil {
		return nil
	}
	if len(b.queue) == 0 {
		w.discardBacklogLocked()
		// A deadline that expires while nothing is written would fail the next write.
		_ = w.conn.SetWriteDeadline(noDeadline)
		return nil
	}
	chunk := b.queue[0][b.written:]
	chunk = chunk[:min(len(chunk), writeSize)]
	b.inFlight = len(chunk)
	return chunk
}

func (w *Writer) recordWrite(n int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.backlog
	if b == nil { // the connection failed during the write
		return
	}
	b.inFlight = 0
	b.written += n
	b.bytes -= n
	if n > 0 {
		b.lastProgress = time.Now()
	}
	w.metrics.Sent(w.fd, n)
	w.metrics.Queued(-n)
	if b.written == len(b.queue[0]) {
		b.queue[0] = nil
		b.queue, b.written = b.queue[1:], 0
	}
	b.shrunk.Broadcast()
	switch {
	case err == nil || n > 0 && errors.Is(err, os.ErrDeadlineExceeded):
	case errors.Is(err, os.ErrDeadlineExceeded) && w.closeFrame == nil:
		w.shedLocked(CloseTooSlow)
	default:
		w.failLocked()
	}
}
