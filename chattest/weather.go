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
)

// WithWeather has the connections that are opened from now on feel the weather.
func (n *Network) WithWeather() *Network {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.changed = make(chan struct{})
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
	line := make(chan portion, portions)
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
		for p := range line {
			err := n.carry(to, p, fromHere)
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
