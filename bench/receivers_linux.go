package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// receivers are connections that one goroutine reads with epoll. Thousands of them must
// be cheap, or this program would measure itself. They bypass Go's runtime, which would
// wake up for every message too.
type receivers struct {
	set    int
	all    []*receiver
	events []syscall.EpollEvent
	buffer []byte
}

func newReceivers() (*receivers, error) {
	set, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	return &receivers{set: set, events: make([]syscall.EpollEvent, 256), buffer: make([]byte, 256<<10)}, err
}

// add takes a connection over, and handles the bytes that were already read from it.
func (rs *receivers) add(tcp net.Conn, early []byte) (*receiver, error) {
	fd, err := duplicate(tcp)
	if err != nil {
		return nil, err
	}
	r := &receiver{fd: fd, place: len(rs.all)}
	event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(r.place)} //nolint:gosec // few
	rs.all = append(rs.all, r)
	if err := syscall.EpollCtl(rs.set, syscall.EPOLL_CTL_ADD, fd, &event); err != nil {
		return nil, err
	}
	return r, r.take(early, func(int, int, int) {})
}

// others is the place of another set of receivers in the epoll set.
const others = -1

// tellOf makes listen return when data arrives for the other receivers too, and handle
// only a few at a time, so that the others never wait for long.
func (rs *receivers) tellOf(apart *receivers) error {
	rs.events = rs.events[:16]
	event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: others}
	return syscall.EpollCtl(rs.set, syscall.EPOLL_CTL_ADD, apart.set, &event)
}

// duplicate returns a descriptor of the connection that the runtime does not watch.
func duplicate(tcp net.Conn) (fd int, err error) {
	raw, err := tcp.(*net.TCPConn).SyscallConn()
	if err != nil {
		return 0, err
	}
	var dupErr error
	err = raw.Control(func(old uintptr) {
		if fd, dupErr = syscall.Dup(int(old)); dupErr == nil { //nolint:gosec // descriptors are small
			syscall.CloseOnExec(fd) // servers that are started next must not inherit it
		}
	})
	return fd, errors.Join(err, dupErr)
}

// listen waits for data, for a limited time, and handles it. A connection that ends is
// an error.
func (rs *receivers) listen(most time.Duration, heard hearing) error {
	n, err := syscall.EpollWait(rs.set, rs.events, int((most+time.Millisecond-1)/time.Millisecond))
	if err != nil && !errors.Is(err, syscall.EINTR) {
		return err
	}
	for _, event := range rs.events[:max(n, 0)] {
		if event.Fd == others {
			continue
		}
		if err := rs.hear(rs.all[event.Fd], heard); err != nil {
			return fmt.Errorf("receiver %d: %w", event.Fd, err)
		}
	}
	return nil
}

// hear reads once: epoll reports the connection again if there is more.
func (rs *receivers) hear(r *receiver, heard hearing) error {
	kept := copy(rs.buffer, r.rest)
	n, err := syscall.Read(r.fd, rs.buffer[kept:])
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR):
		return nil
	case err != nil:
		return err
	case n == 0:
		return io.EOF
	}
	if err := r.take(rs.buffer[:kept+n], heard); err != nil || len(r.pongs) == 0 {
		return err
	}
	defer func() { r.pongs = nil }()
	return r.write(r.pongs)
}

// write never blocks: everything in flight fits the socket's buffer.
func (r *receiver) write(frame []byte) error {
	n, err := syscall.Write(r.fd, frame)
	if err == nil && n < len(frame) {
		err = io.ErrShortWrite
	}
	return err
}

// cut ends all connections.
func (rs *receivers) cut() {
	for _, r := range rs.all {
		_ = syscall.Close(r.fd)
	}
	_ = syscall.Close(rs.set)
}
