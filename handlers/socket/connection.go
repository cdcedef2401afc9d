package socket

import (
	"errors"
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
	// pingAfter is the number of idle checks without input, or without output, after which
	// a connection is pinged. No proxy or client then sees either direction silent for
	// longer than the ping interval.
	pingAfter = chat.ChecksPerPing - 1
	// unresponsiveAfter is the number of idle checks without input after which a connection is
	// closed: two pings were not answered.
	unresponsiveAfter = 2 * chat.ChecksPerPing
)

// pingFrame is the ping that all connections share.
var pingFrame = ws.AppendControl(nil, ws.OpPing, nil)

// webSocket lets connection embed ws.Conn beside its method Conn.
type webSocket = ws.Conn

// connection is one open WebSocket: its reader, its writer, and its state in the chat.
type connection struct {
	chat.Connection
	webSocket
	frames         frames
	room           string // from the URL
	history        int    // messages requested in the URL
	changes        int64  // see accounts.Accounts.Recheck
	number         int64  // for the log
	opened         time.Time
	upgrade        *telemetry.Upgrade // linked from the traces of its messages; nil without tracing
	messageLimiter *rate.Limiter      // nil until the first message
	readLimiter    *rate.Limiter      // nil until the first command that reads the store
	sockets        *Server
	account        *account    // of its payer; nil until the first charge
	busy           atomic.Bool // a message is being handled or throttled, and nothing is read
	entered        bool        // onOpen was called
	exited         bool        // onClose was called

	receivedSinceCheck atomic.Bool // bytes arrived since the last CheckIdle
	checksSinceInput   uint8       // idle checks since the last input; used by CheckIdle only
	checksSinceOutput  uint8       // idle checks since the last output; used by CheckIdle only
}

var (
	_ chat.Socket = (*connection)(nil)
	_ ws.Handler  = (*connection)(nil)
)

// frames is the framing of a kind of connection: how events are encoded, and what its text
// messages mean.
type frames interface {
	chat.Frames
	// onOpen greets a connection that has entered the chat.
	onOpen(s *Server, conn *connection) error
	// onTextMessage handles a text message. An error ends the connection. The text is a part
	// of the reader's buffer; call ReleaseIfEmpty once it is parsed.
	onTextMessage(s *Server, conn *connection, text []byte) error
	// answer sends the outcome of a change; see chat.Socket.
	answer(conn *connection, change chat.Change, outcome chat.Outcome)
}

// kinds holds the frames of each chat.Kind.
type kinds [chat.Kinds]frames

func newKinds(shortIDs *chatv1.ShortIDs) kinds {
	return kinds{
		chat.PlainText:       textFrames{},
		chat.TextWithChanges: textFrames{changes: true},
		chat.JSON:            jsonFrames{chatv1.Frames{ShortIDs: shortIDs, Size: chat.JSON.FrameBytes()}},
		chat.LargeJSON:       jsonFrames{chatv1.Frames{ShortIDs: shortIDs, Size: chat.LargeJSON.FrameBytes()}},
	}
}

// Frames returns the framing of each kind of connection, for chat.New.
func Frames(shortIDs *chatv1.ShortIDs) [len(kinds{})]chat.Frames {
	var frames [len(kinds{})]chat.Frames
	for kind, f := range newKinds(shortIDs) {
		frames[kind] = f
	}
	return frames
}

// Write implements chat.Socket.
func (c *connection) Write(frames []byte) (kept bool) {
	if names := c.RoomNames(); names != nil && !c.Kind.IsText() {
		if renamed, changed := chatv1.NameRooms(frames, names); changed {
			c.webSocket.Write(renamed)
			return false
		}
	}
	return c.webSocket.Write(frames)
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
	if c.TakeWroteAny() {
		c.checksSinceOutput = 0
	}
	switch {
	case c.checksSinceInput >= unresponsiveAfter:
		c.Close(chat.CloseUnresponsive)
	case c.checksSinceOutput >= pingAfter, c.checksSinceInput > 0 && c.checksSinceInput%chat.ChecksPerPing == pingAfter:
		c.Write(pingFrame)
	}
}

// Lag implements chat.Socket.
func (c *connection) Lag() chat.Lag {
	behind, stalled := c.webSocket.Lag()
	switch {
	case stalled:
		return chat.Stalled
	case behind:
		return chat.Behind
	default:
		return chat.Current
	}
}

// Close implements chat.Socket.
func (c *connection) Close(reason chat.Close) { c.webSocket.Close(ws.Close(reason)) }

// Received implements ws.Handler: any input shows that the client is alive.
func (c *connection) Received(bytes int) {
	c.sockets.Received(c.Descriptor(), bytes)
	c.Unpaid.Add(int64(bytes))
	c.markAlive()
}

func (c *connection) markAlive() { c.receivedSinceCheck.Store(true) }

// Control implements ws.Handler: it answers a ping.
func (c *connection) Control(opcode byte, payload []byte) {
	if opcode == ws.OpPing {
		c.Send(func(dst []byte) []byte { return ws.AppendControl(dst, ws.OpPong, payload) })
	}
	c.sockets.payServed(c)
}

// leftOnPurpose reports whether the user ended the connection without intending to return: the
// client sent the first close frame, with 1000 or without a code. A browser that leaves a page
// sends 1001, and the chat's own page sends 4001 if it will reconnect.
func (c *connection) leftOnPurpose(err error) bool {
	var byPeer ws.ClosedByPeer
	return errors.As(err, &byPeer) && (byPeer.Code == 0 || byPeer.Code == ws.CodeNormal) && !c.closeFrameQueued()
}

func (c *connection) closeFrameQueued() bool {
	_, sent := c.SentClose()
	return sent
}

// closeReason returns why the connection ended, for the log: the close frame that the server
// queued, else the reader's error.
func (c *connection) closeReason(err error) string {
	if sent, is := c.SentClose(); is {
		return sent.Error()
	}
	return err.Error()
}
