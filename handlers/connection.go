package handlers

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"chatserver/chat"
	"chatserver/chatv1"
	"chatserver/telemetry"
	"chatserver/ws"
)

const (
	// closeWait is how long a client may take to read the rest of the backlog and the close
	// frame, and to answer it or close TCP. After that, the connection is reset.
	closeWait = 5 * time.Second
	// maxAfterClose bounds the bytes that are read and discarded during that time: closing
	// with unread bytes would reset the connection and lose the close frame.
	maxAfterClose = 4 << 20
	// pingAfter is the number of idle checks without input, or without output, after which
	// a connection is pinged. No proxy or client then sees either direction silent for
	// longer than the ping interval.
	pingAfter = chat.ChecksPerPing - 1
	// unresponsiveAfter is the number of idle checks without input after which a connection is
	// closed: two pings were not answered.
	unresponsiveAfter = 2 * chat.ChecksPerPing
	// codeNormal is the close code of a normal closure, RFC 6455 §7.4.1.
	codeNormal = 1000
)

// pingFrame is the ping that all connections share.
var pingFrame = ws.AppendControl(nil, ws.OpPing, nil)

// connection is one open WebSocket: its reader, its writer, and its state in the chat.
type connection struct {
	chat.Connection
	socketWriter
	frameReader
	frames         frames
	room           string // from the URL
	history        int    // messages requested in the URL
	number         int64  // for the log
	opened         time.Time
	upgrade        *telemetry.Upgrade // linked from the traces of its messages; nil without tracing
	messageLimiter *rate.Limiter      // nil until the first message
	readLimiter    *rate.Limiter      // nil until the first command that reads the store
	sockets        *sockets
	account        *account    // of its payer; nil until the first charge
	busy           atomic.Bool // a message is being handled or throttled, and nothing is read
	entered        bool        // onOpen was called
	exited         bool        // onClose was called

	receivedSinceCheck atomic.Bool // bytes arrived since the last CheckIdle
	checksSinceInput   uint8       // idle checks since the last input; used by CheckIdle only
	checksSinceOutput  uint8       // idle checks since the last output; used by CheckIdle only
}

var (
	_ chat.Socket  = (*connection)(nil)
	_ frameHandler = (*connection)(nil)
)

// frames is the framing of a kind of connection: how events are encoded, and what its text
// messages mean.
type frames interface {
	chat.Frames
	// onOpen greets a connection that has entered the chat.
	onOpen(s *sockets, conn *connection) error
	// onTextMessage handles a text message. An error ends the connection. The text is a part
	// of the reader's buffer; call releaseIfEmpty once it is parsed.
	onTextMessage(s *sockets, conn *connection, text []byte) error
	// answer sends the outcome of a change; see chat.Socket.
	answer(conn *connection, change chat.Change, outcome chat.Outcome)
}

// kinds holds the frames of each chat.Kind.
type kinds [chat.LargeJSON + 1]frames

func newKinds(shortIDs *chatv1.ShortIDs) kinds {
	return kinds{
		chat.PlainText: textFrames{},
		chat.JSON:      jsonFrames{chatv1.Frames{ShortIDs: shortIDs, Size: chat.JSON.FrameBytes()}},
		chat.LargeJSON: jsonFrames{chatv1.Frames{ShortIDs: shortIDs, Size: chat.LargeJSON.FrameBytes()}},
	}
}

// Answer implements chat.Socket.
func (c *connection) Answer(change chat.Change, outcome chat.Outcome) {
	c.frames.answer(c, change, outcome)
}

// CheckIdle implements chat.Socket: it pings a connection that was silent in one direction,
// and closes one that does not answer pings.
func (c *connection) CheckIdle() {
	c.checksSinceInput++
	if c.receivedSinceCheck.Swap(false) || c.busy.Load() { // while a message is handled, pongs stay unread
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

// received implements talker: any input shows that the client is alive.
func (c *connection) received(bytes int) {
	c.reporter.Received(c.fd, bytes)
	c.Unpaid.Add(int64(bytes))
	c.markAlive()
}

func (c *connection) markAlive() { c.receivedSinceCheck.Store(true) }

// control implements talker: it answers a ping.
func (c *connection) control(opcode byte, payload []byte) {
	if opcode == ws.OpPing {
		c.Send(func(dst []byte) []byte { return ws.AppendControl(dst, ws.OpPong, payload) })
	}
	c.sockets.payServed(c)
}

// closeGracefully ends the connection with a closing handshake: behind the queued frames it
// sends a close frame with the reason, or answers the client's. Once both close frames are
// sent, the server closes TCP immediately (RFC 6455 §7.1.1): some clients wait for that, and
// would delay the server's stop.
func (c *connection) closeGracefully(err error, closeWait time.Duration) {
	var byPeer closedByPeer
	theirs := errors.As(err, &byPeer)
	if reason := closeFor(err); reason != (chat.Close{}) || theirs { // also for a close frame without a code
		c.Close(reason)
	}
	deadline := time.Now().Add(closeWait)
	if !c.closeFrameQueued() || !c.waitFlushed(closeWait) {
		if tcp, ok := c.socketWriter.conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // reset: the client does not read the rest
		}
	} else if !theirs || len(c.unread) > 0 { // read what follows a close frame, see maxAfterClose
		c.awaitPeerClose(deadline)
	}
	c.closeConn()
	c.release()
}

// awaitPeerClose half-closes the connection and reads until the client's close frame arrives or
// it closes as well. Input that is not valid frames is discarded.
func (c *connection) awaitPeerClose(deadline time.Time) {
	conn := c.socketWriter.conn
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // on failure, the read below ends as well
	}
	if conn.SetReadDeadline(deadline) != nil {
		return
	}
	if came, rest := c.awaitCloseFrame(maxAfterClose); !came {
		_, _ = io.CopyN(io.Discard, conn, int64(rest)) // until the client closes or the deadline expires
	}
}

// leftOnPurpose reports whether the user ended the connection without intending to return: the
// client sent the first close frame, with 1000 or without a code. A browser that leaves a page
// sends 1001, and the chat's own page sends 4001 if it will reconnect.
func (c *connection) leftOnPurpose(err error) bool {
	var byPeer closedByPeer
	return errors.As(err, &byPeer) && (byPeer.code == 0 || byPeer.code == codeNormal) && !c.closeFrameQueued()
}

func (c *connection) closeFrameQueued() bool {
	c.socketWriter.mu.Lock()
	defer c.socketWriter.mu.Unlock()
	return c.closeFrame != nil
}

// closeReason returns why the connection ended, for the log: the close frame that the server
// queued, else the reader's error.
func (c *connection) closeReason(err error) string {
	c.socketWriter.mu.Lock()
	defer c.socketWriter.mu.Unlock()
	if c.closeFrame != nil {
		return c.closeFrame.Error()
	}
	return err.Error()
}
