//go:build unix

package chattest

import "syscall"

// asOnALine limits a connection's segments, before it is dialed, to Ethernet's size. The
// loopback interface has segments of 64 kB: with the small buffers of a slow line, such
// a connection would stall for a quarter of a second at a time.
func asOnALine(_, _ string, conn syscall.RawConn) (err error) {
	const ethernet = 1460 // bytes per segment
	outer := conn.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, ethernet)
		if err == nil { // before the handshake: a window that was offered cannot be reduced
			err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, lineBuffer)
		}
	})
	if outer != nil {
		return outer
	}
	return err
}
