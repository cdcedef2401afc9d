package ws

import (
	"bytes"
	"io"
	"net"
	"sync"
)

// This file is about how a Reader waits for bytes, and the memory it holds while it waits.

// readSize is the size in bytes of the pooled read buffers.
const readSize = 16 << 10

var buffers = sync.Pool{New: func() any { return new([readSize]byte) }}

func borrowBuffer() []byte { return buffers.Get().(*[readSize]byte)[:] }

func returnBuffer(b []byte) { buffers.Put((*[readSize]byte)(b)) }

// Idle reports, between two messages, whether WaitForInput can wait for the next one.
func (r *Reader) Idle() bool {
	return r.raw != nil && r.waitErr == nil && len(r.unread) == 0
}

// WaitForInput waits until input arrives; ReadText returns its error. Its callers and callees
// use little stack, since each idle connection keeps that stack.
func (r *Reader) WaitForInput() { r.waitErr = r.receive() }

// receive waits for input without holding a buffer. Of an incomplete header it keeps only the
// bytes that arrived.
func (r *Reader) receive() error {
	half := r.detachUnread()
	buffer, n, err := r.await.read(r.raw, len(half))
	r.buffer = buffer
	if err != nil {
		r.release()
		r.unread = half // needed to continue after a deadline, see awaitCloseFrame
		return err
	}
	copy(buffer, half)
	r.unread = buffer[:len(half)+n]
	r.owner.Received(n)
	return nil
}

// peek returns the next n bytes, at most readSize, without consuming them. They are valid until
// the next call.
func (r *Reader) peek(n int) ([]byte, error) {
	for len(r.unread) < n {
		if err := r.fill(); err != nil {
			return nil, err
		}
	}
	return r.unread[:n:n], nil
}

// consume consumes the next n bytes of a payload and returns them, like peek.
func (r *Reader) consume(n int) ([]byte, error) {
	b, err := r.peek(n)
	if err == nil {
		r.unread = r.unread[n:]
		r.left -= uint64(n)
	}
	return b, err
}

// fill reads more input. It returns its buffer to the pool and borrows one when input arrives.
// Only without a descriptor does it keep a buffer that contains an incomplete header.
func (r *Reader) fill() error {
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
		r.owner.Received(n)
		return nil
	}
	return err
}

// fillFor reads more of a payload of which rest bytes are missing. Without a descriptor, the
// first byte is read alone, and then what follows it.
func (r *Reader) fillFor(rest int) error {
	if err := r.fill(); err != nil || r.raw != nil || rest == 1 {
		return err
	}
	return r.fill()
}

// detachUnread returns the buffer to the pool, and a copy of its unread bytes to the caller: a
// part of a header or of a control frame, if any.
func (r *Reader) detachUnread() []byte {
	if len(r.unread) == 0 {
		r.release() // the case of idle connections, which hold no memory
		return nil
	}
	half := bytes.Clone(r.unread)
	r.release()
	return half
}

// receiveByte waits for one byte on a connection without a descriptor. It borrows a buffer for
// the following bytes only once that byte is there.
func (r *Reader) receiveByte() error {
	r.release()
	var first [1]byte
	if _, err := io.ReadFull(r.conn, first[:]); err != nil {
		return err
	}
	r.buffer = borrowBuffer()
	r.unread = append(r.buffer[:0], first[0])
	r.owner.Received(1)
	return nil
}

// ReleaseIfEmpty returns an empty buffer to the pool. Call it before waiting for anything but
// input: ten thousand connections that wait for a page would otherwise hold a buffer each.
func (r *Reader) ReleaseIfEmpty() {
	if len(r.unread) == 0 {
		r.release()
	}
}

// release returns the buffer to the pool. Bytes read from it are no longer valid.
func (r *Reader) release() {
	if r.buffer != nil {
		returnBuffer(r.buffer)
	}
	r.buffer, r.unread = nil, nil
}

// readEarlyInput takes over what the client sent before the handshake was answered: the HTTP
// server may have read it already.
func (r *Reader) readEarlyInput(hijacked net.Conn) error {
	if err := hijacked.SetReadDeadline(past); err != nil {
		return err
	}
	r.buffer = borrowBuffer()
	n, _ := hijacked.Read(r.buffer) // returns what was read ahead, or fails with the deadline
	r.unread = r.buffer[:n]
	if n == 0 {
		r.release()
	}
	return hijacked.SetReadDeadline(noDeadline)
}
