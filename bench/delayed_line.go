package main

import (
	"fmt"
	"io"
	"net"
	"time"
)

// delayedLine is a network with a round-trip time in front of a server. Its bandwidth is
// that of loopback.
type delayedLine struct {
	net.Listener
	to  string
	rtt time.Duration
}

// newDelayedLine returns a line that listens on an address of its own.
func newDelayedLine(to string, rtt time.Duration) (*delayedLine, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the browser: %w", err)
	}
	line := &delayedLine{listener, to, rtt}
	go line.serve()
	return line, nil
}

func (l *delayedLine) serve() {
	for {
		near, err := l.Accept()
		if err != nil {
			return // closed
		}
		go l.connect(near)
	}
}

// connect carries the bytes of one connection. What the browser sends first is delayed
// by one round trip, which TCP's handshake takes.
func (l *delayedLine) connect(near net.Conn) {
	far, err := net.Dial("tcp", l.to) //nolint:noctx // it ends with the server
	if err != nil {
		_ = near.Close()
		return
	}
	opened := time.Now().Add(l.rtt)
	go l.carry(near, far, opened)
	l.carry(far, near, opened)
}

// carry delivers data half a round trip later, until one side closes.
func (l *delayedLine) carry(from, to net.Conn, opened time.Time) {
	type portion struct {
		due   time.Time
		bytes []byte
	}
	const portions, portionSize = 1024, 16 << 10
	underway := make(chan portion, portions)
	go func() {
		defer close(underway)
		for {
			buffer := make([]byte, portionSize)
			n, err := from.Read(buffer)
			if n > 0 {
				due := time.Now()
				if due.Before(opened) {
					due = opened
				}
				underway <- portion{due.Add(l.rtt / 2), buffer[:n]}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range underway {
		time.Sleep(time.Until(p.due))
		if _, err := to.Write(p.bytes); err != nil {
			break
		}
	}
	_ = to.Close()
	_, _ = io.Copy(io.Discard, from) // ends when the other side does
}
