//go:build unix

package handlers

import (
	"io"
	"net"
	"syscall"
)

// rawConn returns what a connection is awaited with that needs no buffer.
func rawConn(tcp *net.TCPConn) syscall.RawConn {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil // closed already; the slower path will say so
	}
	return raw
}

// noDescriptor is that of a connection that has none of its own.
const noDescriptor = -1

// descriptor returns the number of a connection's descriptor, good until the
// connection is closed.
func descriptor(tcp *net.TCPConn) int {
	number := noDescriptor
	if raw := rawConn(tcp); raw != nil {
		_ = raw.Control(func(fd uintptr) { number = int(fd) }) // of one that is closed there is none
	}
	return number
}

// writeNow writes what the socket takes at once.
func writeNow(fd int, frames []byte) (int, error) {
	n, err := ignoringInterrupts(syscall.Write, fd, frames)
	if err == syscall.EAGAIN { //nolint:errorlint // see ignoringInterrupts
		return 0, nil
	}
	return max(n, 0), err
}

// awaitRead waits until the socket has something to read and reads it into a
// buffer that is only borrowed once it has: an idle connection holds none.
type awaitRead struct {
	buffer []byte
	after  int // so many bytes of the buffer are kept free
	n      int
	err    error
	do     func(fd uintptr) bool
}

func (a *awaitRead) init() {
	a.do = func(fd uintptr) bool {
		a.buffer = borrowBuffer()
		a.n, a.err = ignoringInterrupts(syscall.Read, int(fd), a.buffer[a.after:])
		if a.err == syscall.EAGAIN { //nolint:errorlint // see ignoringInterrupts
			returnBuffer(a.buffer)
			a.buffer = nil
			return false
		}
		return true
	}
}

// read returns a borrowed buffer and how much was read into it, after so many bytes.
func (a *awaitRead) read(raw syscall.RawConn, after int) ([]byte, int, error) {
	a.after = after
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
