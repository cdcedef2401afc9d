// Package tcp makes connections for tests. Unlike package chattest it needs none of our
// packages, so tests inside of any of them can use it.
package tcp

import (
	"net"
	"testing"
)

// Pair returns both ends of a real loopback connection, which is closed at the end of the test.
func Pair(t testing.TB) (server, client *net.TCPConn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dialled, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dialled.Close(); _ = accepted.Close() })
	return accepted.(*net.TCPConn), dialled.(*net.TCPConn)
}
