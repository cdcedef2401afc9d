package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// receivers are connections that one goroutine listens to: thousands of them
// must cost little, or it is this program that is measured. Go's runtime knows
// nothing of them, or it would wake up for each message too.
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

// add takes a connection over, and hears what was read of it already.
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

// others is the place of receivers that are listened to apart.
const others = -1

// tellOf has listen end when something comes to others too, and hear only a few
// at a time, so that the others never wait for long.
func (rs *receivers) tellOf(apart *receivers) error {
	rs.events = rs.events[:16]
	event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: others}
	return syscall.EpollCtl(rs.set, syscall.EPOLL_CTL_ADD, apart.set, &event)
}

// duplicate is a descriptor of the connection that the runtime does not watch.
func duplicate(tcp net.Conn) (fd int, err error) {
	raw, err := tcp.(*net.TCPConn).SyscallConn()
	if err != nil {
		return 0, err
	}
	var dupErr error
	err = raw.Control(func(old uintptr) {
		if fd, dupErr = syscall.Dup(int(old)); dupErr == nil { //nolint:gosec // descriptors are small
			syscall.CloseOnExec(fd) // a server that is started next must not hold it
		}
	})
	return fd, errors.Join(err, dupErr)
}

// listen waits until something comes, at most so long, and hears it. A
// connection that ends is an error.
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

// hear reads once: if there is more, it is told again.
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

// write never waits: what is under way at once fits the socket's buffer.
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
