package chattest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
)

// Wire is one link: a TCP connection through a network.
type Wire struct {
	network *Network
	near    *net.TCPConn // to the client
	far     *net.TCPConn // to the server
	gone    chan struct{}
	once    sync.Once

	mu             sync.Mutex
	fault          Fault
	left           int // frames from the server until the fault; below 0 = never
	drop           func(frame string) bool
	breakBefore    func(frame string) bool
	silentToPerson bool
	silentToServer bool
}

// Breaks breaks the wire now.
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
		_, _ = w.near.Write([]byte{0x88, 2, 1001 >> 8, 1001 & 0xFF}) // the client may have gone already
		w.end(false, false)
	case Goodbye:
		_, _ = w.far.Write([]byte{0x88, 0x82, 0, 0, 0, 0, 1000 >> 8, 1000 & 0xFF})
	case Finish:
		w.end(false, false)
	default:
		panic(fmt.Sprintf("no fault: %q", fault))
	}
}

// Loses drops the next frame from the server for which match is true.
func (w *Wire) Loses(match func(frame string) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drop = match
}

// BreaksBefore resets the wire instead of carrying a frame from the server for which
// match is true.
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
	_ = conn.SetLinger(0) // fails only on a closed connection
	_ = conn.Close()
}

// end closes both sides, or resets them.
func (w *Wire) end(resetNear, resetFar bool) {
	w.once.Do(func() { close(w.gone) })
	for conn, resets := range map[*net.TCPConn]bool{w.near: resetNear, w.far: resetFar} {
		if resets {
			reset(conn)
		} else {
			_ = conn.Close() // it may be closed already
		}
	}
}

// fate decides what happens to a frame from the server.
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

// toPerson carries the server's frames one by one.
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

// carryHead carries the response to the handshake.
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

// toServer carries the client's bytes.
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

// ended passes on the end of one side, or hides it if the wire is silent.
func (w *Wire) ended(err error, silent bool, other *net.TCPConn) {
	switch {
	case errors.Is(err, errSilent), silent:
		<-w.gone
	case errors.Is(err, io.EOF):
		_ = other.CloseWrite() // it may have ended as well
	default:
		w.end(true, true)
	}
}

// Said matches frames that contain all of the texts.
func Said(texts ...string) func(frame string) bool {
	return func(frame string) bool {
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(frame, text) })
	}
}
