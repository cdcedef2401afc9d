//go:build unix

package ws

import (
	"io"
	"net"
	"syscall"
)

// rawConn returns what awaitRead waits on, so that an idle connection needs no buffer.
func rawConn(tcp *net.TCPConn) syscall.RawConn {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil // already closed; the slower path returns the error
	}
	return raw
}

// noDescriptor stands for a connection without a descriptor of its own.
const noDescriptor = -1

// Descriptor returns the number of a connection's descriptor, which is valid until the
// connection is closed.
func Descriptor(tcp *net.TCPConn) int {
	number := noDescriptor
	if raw := rawConn(tcp); raw != nil {
		_ = raw.Control(func(fd uintptr) { number = int(fd) }) // fails on a closed connection, which has none
	}
	return number
}

// writeNow writes what the socket accepts without blocking.
func writeNow(fd int, frames []byte) (int, error) {
	n, err := ignoringInterrupts(syscall.Write, fd, frames)
	if err == syscall.EAGAIN { //nolint:errorlint // see ignoringInterrupts
		return 0, nil
	}
	return max(n, 0), err
}

// awaitRead waits until the socket is readable and only then borrows a buffer to read into:
// an idle connection holds none.
type awaitRead struct {
	buffer []byte
	after  int // bytes at the start of the buffer that stay free
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

// read returns a borrowed buffer and the number of bytes that were read into it, at offset
// after.
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

// ignoringInterrupts retries a system call on EINTR and returns other errors unwrapped:
// errors.Is would need more stack than an idle connection has.
func ignoringInterrupts(call func(int, []byte) (int, error), fd int, p []byte) (int, error) {
	for {
		n, err := call(fd, p)
		if err != syscall.EINTR { //nolint:errorlint // see above
			return n, err
		}
	}
}
