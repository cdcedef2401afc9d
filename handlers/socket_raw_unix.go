//go:build unix

package handlers

import (
	"io"
	"net"
	"sync"
	"syscall"
)

// rawConn returns the descriptor of a connection, through which it is written
// without blocking and awaited without a buffer.
func rawConn(tcp *net.TCPConn) syscall.RawConn {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil // closed already; the slower path will say so
	}
	return raw
}

// tryWrite is a write under way. It keeps its arguments in itself, so that a write
// allocates nothing, and serves again.
type tryWrite struct {
	frames []byte
	n      int
	err    error
	do     func(fd uintptr) bool
}

var tries = sync.Pool{New: func() any {
	t := &tryWrite{}
	t.do = func(fd uintptr) bool {
		t.n, t.err = ignoringInterrupts(syscall.Write, int(fd), t.frames)
		return true // never wait
	}
	return t
}}

// writeNow writes what the socket takes at once.
func writeNow(raw syscall.RawConn, frames []byte) (int, error) {
	t := tries.Get().(*tryWrite)
	defer tries.Put(t)
	t.frames = frames
	err := raw.Write(t.do)
	t.frames = nil
	if err != nil {
		return 0, err
	}
	if t.err == syscall.EAGAIN { //nolint:errorlint // see ignoringInterrupts
		return 0, nil
	}
	return max(t.n, 0), t.err
}

// awaitRead waits until the socket has something to read and reads it into a
// buffer that is only borrowed once it has: an idle connection holds none.
type awaitRead struct {
	buffer []byte
	n      int
	err    error
	do     func(fd uintptr) bool
}

func (a *awaitRead) init() {
	a.do = func(fd uintptr) bool {
		a.buffer = borrowBuffer()
		a.n, a.err = ignoringInterrupts(syscall.Read, int(fd), a.buffer)
		if a.err == syscall.EAGAIN { //nolint:errorlint // see ignoringInterrupts
			returnBuffer(a.buffer)
			a.buffer = nil
			return false
		}
		return true
	}
}

// read returns a borrowed buffer and how much of it was read.
func (a *awaitRead) read(raw syscall.RawConn) ([]byte, int, error) {
	err := raw.Read(a.do)
	buffer := a.buffer
	a.buffer = nil
	switch {
	case err != nil:
	case a.err != nil:
		err = a.err
	case a.n == 0:
		err = io.EOF
	}
	return buffer, max(a.n, 0), err
}

// ignoringInterrupts returns what the kernel says as it is: errors.Is would need
// more stack than a connection at rest has.
func ignoringInterrupts(call func(int, []byte) (int, error), fd int, p []byte) (int, error) {
	for {
		n, err := call(fd, p)
		if err != syscall.EINTR { //nolint:errorlint // see above
			return n, err
		}
	}
}
