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
	// the close frame, and to answer it or hang up; then it is reset.
	closeWait = 5 * time.Second
	// maxAfterClose is how much is read, and thrown away, meanwhile: closing with
	// unread bytes would reset the connection and lose the close frame.
	maxAfterClose = 4 << 20
	// pingAfter is after how many looks at a connection on which nothing came, or
	// nothing was sent, it is pinged: then no proxy and no client has waited longer
	// than the ping interval, in either direction.
	pingAfter = chat.ChecksPerPing - 1
	// unresponsiveAfter is after how many looks without a byte somebody is gone: two pings
	// were not answered.
	unresponsiveAfter = 2 * chat.ChecksPerPing
	// codeNormal is that of a connection whose purpose is fulfilled, RFC 6455 §7.4.1.
	codeNormal = 1000
)

// pingFrame is the same for everybody.
var pingFrame = appendControl(nil, opPing, nil)

// connection is one open WebSocket: its reader, its writer, and what the chat
// knows of it.
type connection struct {
	chat.Connection
	socketWriter
	frameReader
	frames         frames
	room           string // of the URL
	history        int    // messages that were asked for with it
	number         int64  // for the log
	opened         time.Time
	upgrade        *telemetry.Upgrade // what traces of its messages are linked with; nil without
	messageLimiter *rate.Limiter      // nil until something is said
	readLimiter    *rate.Limiter      // nil until something is asked for
	sockets        *sockets
	account        *account    // of its payer; nil until something is charged
	busy           atomic.Bool // a message of it is being handled, or held; meanwhile nothing is read
	entered        bool        // onOpen was called
	exited         bool        // onClose was called

	receivedSinceCheck atomic.Bool // something came since the last look
	checksSinceInput   uint8       // looks without; only Look uses it, as the next
	checksSinceOutput  uint8       // looks since which nothing was sent
}

var (
	_ chat.Socket  = (*connection)(nil)
	_ frameHandler = (*connection)(nil)
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
type kinds [chat.LargeJSON + 1]frames

func newKinds(shortIDs *ShortIDs) kinds {
	return kinds{
		chat.PlainText: textFrames{},
		chat.JSON:      jsonFrames{shortIDs, chat.JSON.FrameBytes()},
		chat.LargeJSON: jsonFrames{shortIDs, chat.LargeJSON.FrameBytes()},
	}
}

// Answer implements chat.Socket.
func (c *connection) Answer(draft chat.Draft, outcome chat.Outcome) {
	c.frames.answer(c, draft, outcome)
}

// CheckIdle implements chat.Socket: it pings a connection that was quiet in one of its
// directions, and closes one that does not answer.
func (c *connection) CheckIdle() {
	c.checksSinceInput++
	if c.receivedSinceCheck.Swap(false) || c.busy.Load() { // its pongs lie unread meanwhile
		c.checksSinceInput = 0
	}
	c.checksSinceOutput++
	if c.takeWroteAny() {
		c.checksSinceOutput = 0
	}
	switch {
	case c.checksSinceInput >= unresponsiveAfter:
		c.Close(chat.CloseUnresponsive)
	case c.checksSinceOutput >= pingAfter, c.checksSinceInput > 0 && c.checksSinceInput%chat.ChecksPerPing == pingAfter:
		c.Write(pingFrame)
	}
}

// Close implements chat.Socket.
func (c *connection) Close(reason chat.Close) { c.socketWriter.close(reason) }

// received implements talker: whatever comes is a sign of life.
func (c *connection) received(bytes int) {
	c.reporter.Received(c.fd, bytes)
	c.Unpaid.Add(int64(bytes))
	c.markAlive()
}

func (c *connection) markAlive() { c.receivedSinceCheck.Store(true) }

// control implements talker: it answers a ping.
func (c *connection) control(opcode byte, payload []byte) {
	if opcode == opPing {
		c.Send(func(dst []byte) []byte { return appendControl(dst, opPong, payload) })
	}
	c.sockets.payServed(c)
}

// closeGracefully ends the connection after its life ended with an error: it says why,
// or answers the other side's close frame, after all that is queued. Once both close
// frames are through, the server is the one that ends TCP, and at once (RFC 6455
// §7.1.1): some clients wait for that, and would keep a stop waiting for them.
func (c *connection) closeGracefully(err error, closeWait time.Duration) {
	var goodbye closedByPeer
	theirs := errors.As(err, &goodbye)
	if reason := closeFor(err); reason != (chat.Close{}) || theirs { // a goodbye without a code, too
		c.Close(reason)
	}
	deadline := time.Now().Add(closeWait)
	if !c.closeFrameQueued() || !c.waitFlushed(closeWait) {
		if tcp, ok := c.socketWriter.conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // nobody reads what is left
		}
	} else if !theirs || len(c.unread) > 0 { // what follows a close frame is read, see maxFarewell
		c.awaitPeerClose(deadline)
	}
	c.closeConn()
	c.release()
}

// awaitPeerClose closes our side and reads until the close frame of the other side has
// come, or it closes too. Of what cannot be read as frames the end is awaited.
func (c *connection) awaitPeerClose(deadline time.Time) {
	conn := c.socketWriter.conn
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // the read below ends whatever came of it
	}
	if conn.SetReadDeadline(deadline) != nil {
		return
	}
	if came, rest := c.awaitCloseFrame(maxAfterClose); !came {
		_, _ = io.CopyN(io.Discard, conn, int64(rest)) // until they hang up, or time is up
	}
}

// leftOnPurpose reports whether the user ended the connection, and wants no other: the
// first close frame was theirs, with 1000 or without a code. A browser that leaves a page
// sends 1001, and our own page 4001 if it comes back.
func (c *connection) leftOnPurpose(err error) bool {
	var goodbye closedByPeer
	return errors.As(err, &goodbye) && (goodbye.code == 0 || goodbye.code == codeNormal) && !c.closeFrameQueued()
}

func (c *connection) closeFrameQueued() bool {
	c.socketWriter.mu.Lock()
	defer c.socketWriter.mu.Unlock()
	return c.closeFrame != nil
}

// closeReason is why the connection ended, for the log: what we said first, else
// what the reader found.
func (c *connection) closeReason(err error) string {
	c.socketWriter.mu.Lock()
	defer c.socketWriter.mu.Unlock()
	if c.closeFrame != nil {
		return c.closeFrame.Error()
	}
	return err.Error()
}
