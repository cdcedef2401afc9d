package chattest

import (
	"context"
	"errors"
	"io"
	"net"
	"time"
)

// Weather is how a network carries bytes at the moment. The zero one is fine.
type Weather struct {
	Delay          time.Duration // everything arrives so much later
	Trickle        int           // bytes at a time, trickleEvery; 0 = as they come
	HoldsFromThere bool          // nothing comes from the server
	HoldsFromHere  bool          // nothing comes from the people
}

// Partition is when nothing is carried, and nobody is told.
var Partition = Weather{HoldsFromThere: true, HoldsFromHere: true}

const (
	// trickleEvery is the pause between two portions.
	trickleEvery = 10 * time.Millisecond
	// portions is how many are on their way, of so many bytes at most.
	portions, portionSize = 256, 4 << 10
	// linePortions are as many of a line of WithLinesOf, and lineBuffer is what its far
	// end takes in advance, in bytes.
	linePortions, lineBuffer = 8, 32 << 10
)

// WithWeather has the connections that are opened from now on feel the weather.
func (n *Network) WithWeather() *Network {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.changed = make(chan struct{})
	return n
}

// WithLinesOf has the connections that are opened from now on go over lines that carry
// so many bits a second in each direction, and hold no more than a router does: what
// they do not take waits at its sender.
func (n *Network) WithLinesOf(bitsPerSecond int) *Network {
	n.WithWeather().line = bitsPerSecond / 8
	return n
}

// Has has the weather change. What is on its way feels it, too.
func (n *Network) Has(weather Weather) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.weather = weather
	close(n.changed)
	n.changed = make(chan struct{})
}

// through is a connection that leads to the server's through the weather, or
// that itself if there is none. The lock is held.
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

// portion is what was read at one time, or how reading ended.
type portion struct {
	at    time.Time
	bytes []byte
	err   error
}

// relay carries bytes from one connection to another, as the weather lets it.
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
		var free time.Time // when the line is
		for p := range line {
			err := n.carry(to, p, fromHere)
			if n.line > 0 {
				free = later(free, time.Now().Add(-lineSlack)).Add(time.Duration(len(p.bytes)) * time.Second / time.Duration(n.line))
				time.Sleep(time.Until(free))
			}
			switch {
			case errors.Is(err, io.EOF):
				_ = to.CloseWrite() // it may be gone as well
			case err != nil:
				reset(from)
				reset(to)
			}
		}
	})
}

// lineSlack is how much a line makes up for when this machine was busy meanwhile.
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

// await waits until what was read at a time may go on. It reports false when
// the network is closed.
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
