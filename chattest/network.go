package chattest

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
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
}

// Network is a network that leads to this server, also after a restart. It ends
// with the test. plan, if there is one, is asked for each new wire how it will
// break, and after how many frames of the server; no fault is none.
func (w *World) Network(plan func() (Fault, int)) *Network {
	w.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	n := &Network{t: w.t, to: w.Address, listener: listener, plan: plan, wires: map[*Wire]bool{}}
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
	far, err := dialer.DialContext(ctx, "tcp", n.to())
	if err != nil {
		return nil, nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, nil, errors.Join(net.ErrClosed, far.Close())
	}
	person, near, err := n.pair(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, far.Close())
	}
	wire := &Wire{network: n, near: near, far: far.(*net.TCPConn), gone: make(chan struct{}), left: -1}
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
	n.mu.Unlock()
	_ = n.listener.Close() // nobody dials any more
	n.carrying.Wait()
}

// Wire is one connection through a network.
type Wire struct {
	network *Network
	near    *net.TCPConn // to the person
	far     *net.TCPConn // to the server
	gone    chan struct{}
	once    sync.Once

	mu             sync.Mutex
	fault          Fault
	left           int // frames of the server until the fault; below 0 = never
	drop           func(frame string) bool
	breakBefore    func(frame string) bool
	silentToPerson bool
	silentToServer bool
}

// Breaks has the wire break now.
func (w *Wire) Breaks(fault Fault) {
	w.network.broken.Add(1)
	switch fault {
	case ResetBoth, MidFrame:
		w.end(true, true)
	case ResetPerson:
		w.silence(true, true)
		reset(w.near)
	case ResetServer:
		w.silence(true, true)
		reset(w.far)
	case SilentBoth:
		w.silence(true, true)
	case SilentToPerson:
		w.silence(true, false)
	case SilentToServer:
		w.silence(false, true)
	case CloseFrame:
		_, _ = w.near.Write([]byte{0x88, 2, 1001 >> 8, 1001 & 0xFF}) // whoever is gone is gone
		w.end(false, false)
	case Goodbye:
		_, _ = w.far.Write([]byte{0x88, 0x82, 0, 0, 0, 0, 1000 >> 8, 1000 & 0xFF})
	case Finish:
		w.end(false, false)
	default:
		panic(fmt.Sprintf("no fault: %q", fault))
	}
}

// Loses has the wire lose one frame of the server, the next one for which match
// is true.
func (w *Wire) Loses(match func(frame string) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drop = match
}

// BreaksBefore has the wire reset instead of carrying a frame of the server for
// which match is true.
func (w *Wire) BreaksBefore(match func(frame string) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.breakBefore = match
}

func (w *Wire) silence(toPerson, toServer bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.silentToPerson = w.silentToPerson || toPerson
	w.silentToServer = w.silentToServer || toServer
}

func reset(conn *net.TCPConn) {
	_ = conn.SetLinger(0) // fails only on what is closed already
	_ = conn.Close()
}

// end closes both sides, or resets them.
func (w *Wire) end(resetNear, resetFar bool) {
	w.once.Do(func() { close(w.gone) })
	for conn, resets := range map[*net.TCPConn]bool{w.near: resetNear, w.far: resetFar} {
		if resets {
			reset(conn)
		} else {
			_ = conn.Close() // it may be already
		}
	}
}

// fate says what becomes of a frame of the server.
func (w *Wire) fate(payload string) (fault Fault, lost, silent bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.breakBefore != nil && w.breakBefore(payload) {
		return ResetBoth, true, false
	}
	if w.left == 0 {
		fault = w.fault
	}
	w.left--
	if w.drop != nil && w.drop(payload) {
		w.drop, lost = nil, true
	}
	return fault, lost, w.silentToPerson
}

// toPerson carries what the server says, frame by frame.
func (w *Wire) toPerson() {
	in := bufio.NewReader(w.far)
	err := w.carryHead(in)
	for err == nil {
		err = w.carryFrame(in)
	}
	w.mu.Lock()
	silent := w.silentToPerson
	w.mu.Unlock()
	w.ended(err, silent, w.near)
}

// carryHead carries the answer of the handshake.
func (w *Wire) carryHead(in *bufio.Reader) error {
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if _, err := w.near.Write(line); err != nil {
			return err
		}
		if len(line) <= len("\r\n") {
			return nil
		}
	}
}

var errSilent = errors.New("nothing is carried any more")

func (w *Wire) carryFrame(in *bufio.Reader) error {
	frame, payload, err := serverFrame(in)
	if err != nil {
		return err
	}
	fault, lost, silent := w.fate(payload)
	switch {
	case silent:
		return errSilent
	case fault == MidFrame:
		frame = frame[:len(frame)/2]
	case lost:
		frame = nil
	}
	if _, err := w.near.Write(frame); err != nil {
		return err
	}
	if fault != "" {
		w.Breaks(fault)
	}
	return nil
}

// serverFrame reads one frame, which a server does not mask.
func serverFrame(in *bufio.Reader) (frame []byte, payload string, err error) {
	head, err := in.Peek(2)
	if err != nil {
		return nil, "", err
	}
	size, length := 2, int(head[1])
	if extended := map[int]int{126: 2, 127: 8}[length]; extended > 0 {
		size += extended
		if head, err = in.Peek(size); err != nil {
			return nil, "", err
		}
		length = int(binary.BigEndian.Uint64(append(make([]byte, 8-extended), head[2:size]...))) //nolint:gosec // of our own server
	}
	frame = make([]byte, size+length)
	_, err = io.ReadFull(in, frame)
	return frame, string(frame[size:]), err
}

// toServer carries what the person says.
func (w *Wire) toServer() {
	buffer := make([]byte, 32<<10)
	for {
		n, err := w.near.Read(buffer)
		w.mu.Lock()
		silent := w.silentToServer
		w.mu.Unlock()
		if err == nil && !silent {
			_, err = w.far.Write(buffer[:n])
		}
		if err != nil || silent {
			w.ended(err, silent, w.far)
			return
		}
	}
}

// ended passes on that one side hung up, or hides it if the wire is silent.
func (w *Wire) ended(err error, silent bool, other *net.TCPConn) {
	switch {
	case errors.Is(err, errSilent), silent:
		<-w.gone
	case errors.Is(err, io.EOF):
		_ = other.CloseWrite() // it may be gone as well
	default:
		w.end(true, true)
	}
}

// Said matches frames that contain all of some texts.
func Said(texts ...string) func(frame string) bool {
	return func(frame string) bool {
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(frame, text) })
	}
}
