package main

import (
	"errors"
	"fmt"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// line is a bare descriptor. Go's runtime would wake up for each connection, which is
// more than the required work.
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

// write writes all of b, and waits if the other side is behind.
func (l line) write(b []byte) error {
	for len(b) > 0 {
		n, err := syscall.Write(int(l), b)
		if n > 0 {
			b = b[n:]
		}
		if errors.Is(err, syscall.EAGAIN) {
			_, err = unix.Poll([]unix.PollFd{{Fd: int32(l), Events: unix.POLLOUT}}, -1) //nolint:gosec // descriptors are small
		}
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return fmt.Errorf("write: %w", err)
		}
	}
	return nil
}

// listen passes on the input of all lines, until one of them ends. One thread waits for
// all of them with epoll, which reports a line again if there is more to read.
func listen(all []line, heard func(from int, b []byte) error) error {
	set, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	defer syscall.Close(set)
	for i, l := range all {
		event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(i)} //nolint:gosec // few
		if err := syscall.EpollCtl(set, syscall.EPOLL_CTL_ADD, int(l), &event); err != nil {
			return err
		}
	}
	events, buffer := make([]syscall.EpollEvent, 256), make([]byte, 128<<10)
	for {
		n, err := syscall.EpollWait(set, events, -1)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return err
		}
		for _, event := range events[:max(n, 0)] {
			n, err := syscall.Read(int(all[event.Fd]), buffer)
			switch {
			case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR):
				continue // epoll reports it again
			case err == nil && n == 0, errors.Is(err, syscall.ECONNRESET):
				return nil
			case err != nil:
				return fmt.Errorf("read: %w", err)
			}
			if err := heard(int(event.Fd), buffer[:n]); err != nil {
				return err
			}
		}
	}
}
