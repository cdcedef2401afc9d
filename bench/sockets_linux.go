package main

import (
	"errors"
	"net"
	"syscall"
)

// readBuffer is the receive buffer of a connection that reads nothing. The kernel's
// default would absorb the data that the server should hold.
const readBuffer = 4 << 10

// smallBuffer shrinks a connection's receive buffer. This must happen before connecting,
// because the handshake announces its size.
func smallBuffer(d *net.Dialer) {
	d.Control = func(_, _ string, raw syscall.RawConn) error {
		var set error
		err := raw.Control(func(fd uintptr) {
			set = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, readBuffer) //nolint:gosec // descriptors are small
		})
		return errors.Join(err, set)
	}
}

// reset ends all connections without a close frame, as a network failure does.
func (rs *receivers) reset() error {
	defer rs.cut()
	for _, r := range rs.all {
		if err := syscall.SetsockoptLinger(r.fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1}); err != nil {
			return err
		}
	}
	return nil
}
