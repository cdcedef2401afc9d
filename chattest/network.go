package chattest

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// Fault is the way in which a wire breaks.
type Fault string

// The faults of a network, and the ways to close a connection in order.
const (
	ResetBoth      Fault = "reset"                          // both sides are reset
	ResetPerson    Fault = "reset towards the person"       // the server does not notice
	ResetServer    Fault = "reset towards the server"       // the person does not notice
	SilentBoth     Fault = "silent"                         // nothing is carried any more, and neither side notices
	SilentToPerson Fault = "silent towards the person"      // only the person's frames are carried
	SilentToServer Fault = "silent towards the server"      // only the server's frames are carried
	MidFrame       Fault = "reset in the middle of a frame" // half a frame from the server, then a reset
	Finish         Fault = "an orderly end"                 // FIN to both sides, without a close frame
	CloseFrame     Fault = "a close frame"                  // 1001 to the person, then FIN to both
	Goodbye        Fault = "a goodbye"                      // 1000 to the server, which answers it
)

// Faults lists all faults.
var Faults = []Fault{ResetBoth, ResetPerson, ResetServer, SilentBoth, SilentToPerson, SilentToServer, MidFrame, Finish, CloseFrame, Goodbye}

// Network is a fault-injecting proxy: it stands between clients and the server, and
// breaks connections on purpose.
type Network struct {
	t        testing.TB
	to       func() string // the server's address
	listener net.Listener
	plan     func() (Fault, int)
	broken   atomic.Int64
	carrying sync.WaitGroup

	mu     sync.Mutex
	wires  map[*Wire]bool
	closed bool

	weather Weather
	changed chan struct{} // closed when the weather changes; nil without weather
	line    int           // bytes a second in each direction, see WithLinesOf; 0 = unlimited
	relayed []*net.TCPConn
}

// Network starts a proxy in front of this server, also after a restart, or in front of
// all nodes of its fleet. It ends with the test. plan may be nil. It is called for each
// new wire, and returns how the wire will break and after how many of the server's
// frames; an empty fault means never.
func (w *World) Network(plan func() (Fault, int)) *Network {
	w.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	n := &Network{t: w.t, to: w.anyAddress, listener: listener, plan: plan, wires: map[*Wire]bool{}}
	w.t.Cleanup(n.close)
	return n
}

// Broken returns the number of faults so far.
func (n *Network) Broken() int { return int(n.broken.Load()) }

// Calm prevents further faults on wires that are not broken yet.
func (n *Network) Calm() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.plan = nil
	for wire := range n.wires {
		wire.mu.Lock()
		wire.left = -1
		wire.mu.Unlock()
	}
}

// Dial opens a connection to the server through a new wire.
func (n *Network) Dial(ctx context.Context) (net.Conn, *Wire, error) {
	var dialer net.Dialer
	if n.line > 0 {
		dialer.Control = asOnALine
	}
	dialed, err := dialer.DialContext(ctx, "tcp", n.to())
	if err != nil {
		return nil, nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, nil, errors.Join(net.ErrClosed, dialed.Close())
	}
	far, err := n.through(ctx, dialed.(*net.TCPConn))
	if err != nil {
		return nil, nil, errors.Join(err, dialed.Close())
	}
	person, near, err := n.pair(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, far.Close())
	}
	wire := &Wire{network: n, near: near, far: far, gone: make(chan struct{}), left: -1}
	if n.plan != nil {
		wire.fault, wire.left = n.plan()
	}
	n.wires[wire] = true
	n.carrying.Go(wire.toPerson)
	n.carrying.Go(wire.toServer)
	return person, wire, nil
}

// pair returns both ends of a new TCP connection. The lock is held and nothing else
// dials the listener, so the accepted connection is the one that was dialed.
func (n *Network) pair(ctx context.Context) (person, near *net.TCPConn, err error) {
	var dialer net.Dialer
	dialed, err := dialer.DialContext(ctx, "tcp", n.listener.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	accepted, err := n.listener.Accept()
	if err != nil {
		return nil, nil, errors.Join(err, dialed.Close())
	}
	return dialed.(*net.TCPConn), accepted.(*net.TCPConn), nil
}

// close resets the remaining connections, and waits until all relaying has ended.
func (n *Network) close() {
	n.mu.Lock()
	n.closed = true
	for wire := range n.wires {
		wire.end(true, true)
	}
	if n.changed != nil {
		close(n.changed)
		n.changed = make(chan struct{}) // wakes the waiting relays, which see that it is closed
	}
	for _, conn := range n.relayed {
		reset(conn)
	}
	n.mu.Unlock()
	_ = n.listener.Close() // stops accepting
	n.carrying.Wait()
}
