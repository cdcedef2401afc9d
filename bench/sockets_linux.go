package main

import (
	"errors"
	"net"
	"syscall"
)

// readBuffer is what the kernel may keep for a connection that reads nothing: its
// own choice would swallow what the server is to be seen to hold.
const readBuffer = 4 << 10

// smallBuffer has a connection buffer little. It must be said before connecting,
// because the other side is told then how much fits.
func smallBuffer(d *net.Dialer) {
	d.Control = func(_, _ string, raw syscall.RawConn) error {
		var set error
		err := raw.Control(func(fd uintptr) {
			set = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, readBuffer) //nolint:gosec // descriptors are small
		})
		return errors.Join(err, set)
	}
}

// reset ends all connections without a goodbye, as a network that goes away.
func (rs *receivers) reset() error {
	defer rs.cut()
	for _, r := range rs.all {
		if err := syscall.SetsockoptLinger(r.fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1}); err != nil {
			return err
		}
	}
	return nil
}
