package handlers

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"chatserver/chat"
	"chatserver/telemetry"
)

const (
	// closeWait is how long a connection has to take what is left for it and
	// the close frame, and to hang up itself; then it is reset.
	closeWait = 5 * time.Second
	// maxFarewell is how much is read, and thrown away, meanwhile: closing with
	// unread bytes would reset the connection and lose the close frame.
	maxFarewell = 4 << 20
	// missedBeats is after how many beats without a byte somebody is gone.
	missedBeats = 2
)

// pingFrame is the same for everybody.
var pingFrame = appendControl(nil, opPing, nil)

// connection is one open WebSocket: its reader, its writer, and what the chat
// knows of it.
type connection struct {
	chat.Connection
	socketWriter
	frameReader
	frames  frames
	room    string // of the URL
	history int    // messages that were asked for with it
	number  int64  // for the log
	opened  time.Time
	upgrade *telemetry.Upgrade // what traces of its messages are linked with; nil without
	saying  *rate.Limiter      // nil until something is said
	reading *rate.Limiter      // nil until something is asked for
	open    bool               // onOpen was called
	over    bool               // onClose was called

	heard  atomic.Bool // something came since the last beat
	silent int         // beats without; only Beat uses it
}

var (
	_ chat.Socket = (*connection)(nil)
	_ talker      = (*connection)(nil)
)

// frames is how a kind of connection speaks: what it is sent, and what it means
// by what it sends.
type frames interface {
	chat.Frames
	// onOpen begins the life of a connection that has entered the chat.
	onOpen(s *sockets, conn *connection) error
	// onTextMessage does what a text message says. An error ends the connection. The
	// text is a part of the reader's buffer, which is to be given back with idle
	// once it is understood.
	onTextMessage(s *sockets, conn *connection, text []byte) error
	// answer tells what became of a draft; see chat.Socket.
	answer(conn *connection, draft chat.Draft, outcome chat.Outcome)
}

// kinds are the kinds of frames, by chat.Kind.
var kinds = [...]frames{chat.PlainText: textFrames{}, chat.JSON: jsonFrames{}}

// Answer implements chat.Socket.
func (c *connection) Answer(draft chat.Draft, outcome chat.Outcome) {
	c.frames.answer(c, draft, outcome)
}

// Beat implements chat.Socket: it pings whoever was silent, and closes the
// connection of who was silent still.
func (c *connection) Beat() {
	if c.heard.Swap(false) {
		c.silent = 0
		return
	}
	if c.silent++; c.silent >= missedBeats {
		c.Close(chat.CloseUnresponsive)
		return
	}
	c.Write(pingFrame)
}

// Close implements chat.Socket.
func (c *connection) Close(reason chat.Close) { c.socketWriter.close(reason) }

// came implements talker: whatever comes is a sign of life.
func (c *connection) came(bytes int) {
	c.told.Received(c.fd, bytes)
	c.alive()
}

func (c *connection) alive() { c.heard.Store(true) }

// pong implements talker.
func (c *connection) pong(ping []byte) { c.Write(appendControl(nil, opPong, ping)) }

// hangUp ends the connection after its life ended with an error: it says why,
// or answers the other side's goodbye, after all that is queued; then it lets
// the other side hang up first.
func (c *connection) hangUp(err error) {
	var goodbye closedByPeer
	if reason := closeFor(err); reason != (chat.Close{}) || errors.As(err, &goodbye) { // a goodbye without a code, too
		c.Close(reason)
	}
	deadline := time.Now().Add(closeWait)
	if c.saidGoodbye() && c.waitFinished(closeWait) {
		c.awaitHangUp(deadline)
	} else if tcp, ok := c.socketWriter.conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // nobody reads what is left
	}
	c.shut()
	c.release()
}

// awaitHangUp closes our side and reads until the other side closes too.
func (c *connection) awaitHangUp(deadline time.Time) {
	conn := c.socketWriter.conn
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // the read below ends whatever came of it
	}
	if conn.SetReadDeadline(deadline) == nil {
		_, _ = io.CopyN(io.Discard, conn, maxFarewell) // until they hang up, or time is up
	}
}

func (c *connection) saidGoodbye() bool {
	c.socketWriter.mu.Lock()
	defer c.socketWriter.mu.Unlock()
	return c.goodbye != nil
}

// farewell is why the connection ended, for the log: what we said first, else
// what the reader found.
func (c *connection) farewell(err error) string {
	c.socketWriter.mu.Lock()
	defer c.socketWriter.mu.Unlock()
	if c.goodbye != nil {
		return c.goodbye.Error()
	}
	return err.Error()
}
