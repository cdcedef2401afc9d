package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
)

// line is a connection without anything of Go around it: the runtime would wake
// up for each, and that is not what must be.
type line int

// bare takes the connection from the runtime.
func bare(tcp net.Conn) (l line, err error) {
	defer tcp.Close() // the duplicate stays open
	raw, err := tcp.(*net.TCPConn).SyscallConn()
	if err != nil {
		return 0, err
	}
	var dupErr error
	err = raw.Control(func(fd uintptr) {
		var duplicate int
		duplicate, dupErr = syscall.Dup(int(fd)) //nolint:gosec // descriptors are small
		l = line(duplicate)
	})
	return l, errors.Join(err, dupErr)
}

// write writes all of b, waiting if the other side is behind.
func (l line) write(b []byte) error {
	for len(b) > 0 {
		n, err := syscall.Write(int(l), b)
		if n > 0 {
			b = b[n:]
		}
		if err = l.again(err, syscall.EPOLLOUT); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	return nil
}

// read reads what has come, waiting until something has.
func (l line) read(b []byte) (int, error) {
	for {
		n, err := syscall.Read(int(l), b)
		switch {
		case err == nil && n == 0, errors.Is(err, syscall.ECONNRESET):
			return 0, io.EOF
		case err == nil:
			return n, nil
		}
		if err = l.again(err, syscall.EPOLLIN); err != nil {
			return 0, fmt.Errorf("read: %w", err)
		}
	}
}

// again waits until an event comes if that is all that the error asks for;
// otherwise it returns the error.
func (l line) again(err error, event uint32) error {
	switch {
	case errors.Is(err, syscall.EINTR):
		return nil
	case !errors.Is(err, syscall.EAGAIN):
		return err
	}
	set, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	defer syscall.Close(set)
	events := []syscall.EpollEvent{{Events: event}}
	if err := syscall.EpollCtl(set, syscall.EPOLL_CTL_ADD, int(l), &events[0]); err != nil {
		return err
	}
	if _, err = syscall.EpollWait(set, events, -1); errors.Is(err, syscall.EINTR) {
		return nil
	}
	return err
}
