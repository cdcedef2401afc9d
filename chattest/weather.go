package chattest

import (
	"context"
	"errors"
	"io"
	"net"
	"time"
)

// Weather describes how a network delays and holds back bytes. The zero value carries
// them unchanged.
type Weather struct {
	Delay          time.Duration // delay of every byte
	Trickle        int           // bytes at a time, every trickleEvery; 0 = unlimited
	HoldsFromThere bool          // nothing arrives from the server
	HoldsFromHere  bool          // nothing arrives from the clients
}

// Partition is the weather in which nothing is carried and neither side notices.
var Partition = Weather{HoldsFromThere: true, HoldsFromHere: true}

const (
	// trickleEvery is the pause between two portions.
	trickleEvery = 10 * time.Millisecond
	// portions is the number of reads in flight, each of at most portionSize bytes.
	portions, portionSize = 256, 4 << 10
	// linePortions is that number for a line of WithLinesOf, and lineBuffer is the size in
	// bytes of its far end's receive buffer.
	linePortions, lineBuffer = 8, 32 << 10
)

// WithWeather applies the weather to connections that are opened from now on.
func (n *Network) WithWeather() *Network {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.changed = make(chan struct{})
	return n
}

// WithLinesOf sends connections that are opened from now on over lines with the given
// bits a second in each direction. A line buffers only as much as a router does; the
// rest waits at the sender.
func (n *Network) WithLinesOf(bitsPerSecond int) *Network {
	n.WithWeather().line = bitsPerSecond / 8
	return n
}

// Has changes the weather, also for bytes in flight.
func (n *Network) Has(weather Weather) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.weather = weather
	close(n.changed)
	n.changed = make(chan struct{})
}

// through returns a connection that leads to the server's through the weather, or the
// server's own without weather. The lock is held.
func (n *Network) through(ctx context.Context, server *net.TCPConn) (*net.TCPConn, error) {
	if n.changed == nil {
		return server, nil
	}
	far, near, err := n.pair(ctx)
	if err != nil {
		return nil, err
	}
	n.relayed = append(n.relayed, near, server)
	n.relay(near, server, true)
	n.relay(server, near, false)
	return far, nil
}

// portion is the result of one read: bytes, or the error that ended reading.
type portion struct {
	at    time.Time
	bytes []byte
	err   error
}

// relay carries bytes from one connection to another, as the weather allows.
func (n *Network) relay(from, to *net.TCPConn, fromHere bool) {
	waiting := portions
	if n.line > 0 {
		waiting = linePortions
	}
	line := make(chan portion, waiting)
	n.carrying.Go(func() {
		defer close(line)
		for {
			buffer := make([]byte, portionSize)
			size, err := from.Read(buffer)
			line <- portion{time.Now(), buffer[:size], err}
			if err != nil {
				return
			}
		}
	})
	n.carrying.Go(func() {
		var free time.Time // when the line is free again
		for p := range line {
			err := n.carry(to, p, fromHere)
			if n.line > 0 {
				free = later(free, time.Now().Add(-lineSlack)).Add(time.Duration(len(p.bytes)) * time.Second / time.Duration(n.line))
				time.Sleep(time.Until(free))
			}
			switch {
			case errors.Is(err, io.EOF):
				_ = to.CloseWrite() // it may have ended as well
			case err != nil:
				reset(from)
				reset(to)
			}
		}
	})
}

// lineSlack is how much time a line may make up for after this machine was busy.
const lineSlack = 100 * time.Millisecond

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// carry writes a portion when its time has come.
func (n *Network) carry(to *net.TCPConn, p portion, fromHere bool) error {
	for {
		weather, ok := n.await(p.at, fromHere)
		if !ok {
			return net.ErrClosed
		}
		size := len(p.bytes)
		if weather.Trickle > 0 {
			size = min(size, weather.Trickle)
		}
		if size == 0 {
			return p.err
		}
		if _, err := to.Write(p.bytes[:size]); err != nil {
			return err
		}
		p.bytes = p.bytes[size:]
		if len(p.bytes) > 0 {
			p.at = time.Now().Add(trickleEvery - weather.Delay)
		}
	}
}

// await waits until bytes that were read at a given time may be written. It returns
// false when the network is closed.
func (n *Network) await(at time.Time, fromHere bool) (Weather, bool) {
	for {
		n.mu.Lock()
		weather, changed, closed := n.weather, n.changed, n.closed
		n.mu.Unlock()
		held := fromHere && weather.HoldsFromHere || !fromHere && weather.HoldsFromThere
		wait := time.Until(at.Add(weather.Delay))
		if closed || !held && wait <= 0 {
			return weather, !closed
		}
		var due <-chan time.Time
		if !held {
			due = time.After(wait)
		}
		select {
		case <-changed:
		case <-due:
		}
	}
}
