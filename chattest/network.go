package chattest

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// Fault is how a wire breaks.
type Fault string

// The faults of a network, and what goodbyes look like on one.
const (
	ResetBoth      Fault = "reset"                          // both sides are reset
	ResetPerson    Fault = "reset towards the person"       // the server hears nothing of it
	ResetServer    Fault = "reset towards the server"       // the person hears nothing of it
	SilentBoth     Fault = "silent"                         // nothing is carried any more, and nobody is told
	SilentToPerson Fault = "silent towards the person"      // only what the person says is carried
	SilentToServer Fault = "silent towards the server"      // only what the server says is carried
	MidFrame       Fault = "reset in the middle of a frame" // half a frame of the server, then a reset
	Finish         Fault = "an orderly end"                 // FIN to both sides, without a close frame
	CloseFrame     Fault = "a close frame"                  // 1001 to the person, then FIN to both
	Goodbye        Fault = "a goodbye"                      // 1000 to the server, which answers it
)

// Faults are all of them.
var Faults = []Fault{ResetBoth, ResetPerson, ResetServer, SilentBoth, SilentToPerson, SilentToServer, MidFrame, Finish, CloseFrame, Goodbye}

// Network is what lies between people and the server, and breaks as told.
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
	changed chan struct{} // closed when the weather changes; nil if there is none
	line    int           // bytes a second that one carries in a direction, see WithLinesOf; 0 = all
	relayed []*net.TCPConn
}

// Network is a network that leads to this server, also after a restart, or of a fleet to
// any of its nodes. It ends with the test. plan, if there is one, is asked for each new wire how it will
// break, and after how many frames of the server; no fault is none.
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

// Broken is how many faults there were.
func (n *Network) Broken() int { return int(n.broken.Load()) }

// Calm has nothing break any more that is not broken yet.
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

// Dial opens a connection to the server through a wire of its own.
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

// pair is a TCP connection with both its ends. Nobody else dials the listener,
// and the lock is held, so what is accepted is what was dialed.
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

// close resets what is left and waits until nothing is carried.
func (n *Network) close() {
	n.mu.Lock()
	n.closed = true
	for wire := range n.wires {
		wire.end(true, true)
	}
	if n.changed != nil {
		close(n.changed)
		n.changed = make(chan struct{}) // whoever waits sees that it is closed
	}
	for _, conn := range n.relayed {
		reset(conn)
	}
	n.mu.Unlock()
	_ = n.listener.Close() // nobody dials any more
	n.carrying.Wait()
}
