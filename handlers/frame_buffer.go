package handlers

import (
	"bytes"
	"io"
	"net"
	"sync"
)

// How a frameReader waits for bytes, and what it holds meanwhile.

// readSize is the size of the buffers that readers share.
const readSize = 16 << 10

var buffers = sync.Pool{New: func() any { return new([readSize]byte) }}

func borrowBuffer() []byte { return buffers.Get().(*[readSize]byte)[:] }

func returnBuffer(b []byte) { buffers.Put((*[readSize]byte)(b)) }

// idle reports, between two messages, whether rest can wait for the next.
func (r *frameReader) idle() bool {
	return r.raw != nil && r.waitErr == nil && len(r.unread) == 0
}

// waitForInput waits until something comes. What it finds, readText returns. Its callers
// and what it calls need little stack, since each connection keeps all of it.
func (r *frameReader) waitForInput() { r.waitErr = r.receive() }

// receive waits with no buffer until something has come. Of half a header no more
// is held meanwhile than what it has.
func (r *frameReader) receive() error {
	half := r.detachUnread()
	buffer, n, err := r.await.read(r.raw, len(half))
	r.buffer = buffer
	if err != nil {
		r.release()
		r.unread = half // whoever reads on after a deadline needs it, see seeClose
		return err
	}
	copy(buffer, half)
	r.unread = buffer[:len(half)+n]
	r.owner.received(n)
	return nil
}

// peek returns the next n bytes, at most readSize, valid until the next call, and
// does not consume them.
func (r *frameReader) peek(n int) ([]byte, error) {
	for len(r.unread) < n {
		if err := r.fill(); err != nil {
			return nil, err
		}
	}
	return r.unread[:n:n], nil
}

// consume consumes the next n bytes of a payload and returns them, as need does.
func (r *frameReader) consume(n int) ([]byte, error) {
	b, err := r.peek(n)
	if err == nil {
		r.unread = r.unread[n:]
		r.left -= uint64(n)
	}
	return b, err
}

// fill reads more. It gives the buffer back and borrows one when something has come;
// only without a descriptor it keeps the one that has half a header in it.
func (r *frameReader) fill() error {
	switch {
	case r.waitErr != nil:
		return r.waitErr
	case r.raw != nil:
		return r.receive()
	case len(r.unread) == 0:
		return r.receiveByte()
	}
	kept := copy(r.buffer, r.unread)
	n, err := r.conn.Read(r.buffer[kept:])
	r.unread = r.buffer[:kept+n]
	if n > 0 {
		r.owner.received(n)
		return nil
	}
	return err
}

// fillFor reads more of a payload of which so much is to come. Without a descriptor
// the first byte comes alone, and then what is behind it.
func (r *frameReader) fillFor(rest int) error {
	if err := r.fill(); err != nil || r.raw != nil || rest == 1 {
		return err
	}
	return r.fill()
}

// detachUnread gives the buffer back and returns a copy of what was left in it: a part
// of a header or of a control frame, if anything.
func (r *frameReader) detachUnread() []byte {
	if len(r.unread) == 0 {
		r.release() // at rest this is all, and takes no memory
		return nil
	}
	half := bytes.Clone(r.unread)
	r.release()
	return half
}

// receiveByte waits for a byte without a descriptor: only then there is a buffer
// again for what comes after it.
func (r *frameReader) receiveByte() error {
	r.release()
	var first [1]byte
	if _, err := io.ReadFull(r.conn, first[:]); err != nil {
		return err
	}
	r.buffer = borrowBuffer()
	r.unread = append(r.buffer[:0], first[0])
	r.owner.received(1)
	return nil
}

// releaseIfEmpty gives the buffer back if nothing is left in it, before somebody waits for
// something else than what comes next: ten thousand who wait for a page would hold
// a buffer each.
func (r *frameReader) releaseIfEmpty() {
	if len(r.unread) == 0 {
		r.release()
	}
}

// release gives the buffer back. What was read out of it is no longer valid.
func (r *frameReader) release() {
	if r.buffer != nil {
		returnBuffer(r.buffer)
	}
	r.buffer, r.unread = nil, nil
}

// readEarlyInput takes what the client sent before it had the answer to its
// handshake: the HTTP server may have read it already.
func (r *frameReader) readEarlyInput(hijacked net.Conn) error {
	if err := hijacked.SetReadDeadline(past); err != nil {
		return err
	}
	r.buffer = borrowBuffer()
	n, _ := hijacked.Read(r.buffer) // what was read ahead, or the deadline
	r.unread = r.buffer[:n]
	if n == 0 {
		r.release()
	}
	return hijacked.SetReadDeadline(noDeadline)
}
