//go:build !unix

package ws

import (
	"errors"
	"net"
	"syscall"
)

// rawConn returns nil: without raw descriptors, every write is queued and every read holds
// its buffer, which is slower and just as correct.
func rawConn(*net.TCPConn) syscall.RawConn { return nil }

const noDescriptor = -1

// Descriptor returns -1: the connections have none of their own.
func Descriptor(*net.TCPConn) int { return noDescriptor }

func writeNow(int, []byte) (int, error) { return 0, errors.ErrUnsupported }

type awaitRead struct{}

func (*awaitRead) init() {}

func (*awaitRead) read(syscall.RawConn, int) ([]byte, int, error) {
	return nil, 0, errors.ErrUnsupported
}
