//go:build unix

package chattest

import "syscall"

// asOnALine has a connection that is about to be dialed carry segments as Ethernet has
// them. This machine's own interface has segments of 64 kB: with the small buffers of a
// slow line nothing would go over it for a quarter of a second at a time.
func asOnALine(_, _ string, conn syscall.RawConn) (err error) {
	const ethernet = 1460 // bytes of a segment
	outer := conn.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, ethernet)
		if err == nil { // before the handshake, or more is offered than can be taken back
			err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, lineBuffer)
		}
	})
	if outer != nil {
		return outer
	}
	return err
}
