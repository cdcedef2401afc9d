package chat

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
)

// Connection is one open WebSocket as the chat sees it: who speaks, how, and
// from where. A door makes one, and hands it to Chat.Enter.
type Connection struct {
	User    User
	Kind    Kind
	Address netip.Addr // counted against the limit per address
	Socket  Socket
	// Left reports, when the connection exits, that its user disconnected. Otherwise it was
	// cut, and its name is kept: see KeepName.
	Left bool

	// Unpaid counts the bytes read from this connection, and written to it alone and not
	// to its room, that are not charged to its payer yet.
	Unpaid atomic.Int64

	subscriptions []*subscription // of the reading goroutine
	entered       bool
	drafts        chan struct{} // one element for each draft under way; nil until the first
	keepalive     keepaliveSlot

	mu     sync.Mutex
	behind []*subscription // whose list of members is not whole, see stale
}

// subscription returns the connection's membership in a room, or nil.
func (c *Connection) subscription(slug string) *subscription {
	for _, m := range c.subscriptions {
		if m.room.slug == slug {
			return m
		}
	}
	return nil
}

// unsubscribe forgets a membership.
func (c *Connection) unsubscribe(m *subscription) {
	c.subscriptions = slices.DeleteFunc(c.subscriptions, func(other *subscription) bool { return other == m })
}

// stale notes that a member missed who came or went: its queue was filling. A
// whole list follows when it is empty. It may have become so meanwhile.
func (c *Connection) stale(m *subscription) {
	c.mu.Lock()
	if !slices.Contains(c.behind, m) {
		c.behind = append(c.behind, m)
	}
	c.mu.Unlock()
	if c.Socket.Lag() == Current {
		go c.CaughtUp() // not here: the room's lock may be held
	}
}

// CaughtUp is to be called when the connection's queue has become empty: the
// lists of members that are not whole any more follow.
func (c *Connection) CaughtUp() {
	c.mu.Lock()
	behind := c.behind
	c.behind = nil
	c.mu.Unlock()
	for _, m := range behind {
		m.room.resendPresence(m)
	}
}

// Socket is the door's side of a connection. Only Calm may block; the hub and
// the recorder call the others while others wait for them.
type Socket interface {
	// Write sends whole frames, in the order of the calls. It reports whether
	// it kept the slice, which then must not be written to any more.
	Write(frames []byte) (kept bool)
	// Lag returns how far the connection is behind: what can be spared for one that is
	// not Current should be.
	Lag() Lag
	// Calm waits until the queue has room for a page. The error is why it never
	// will: the connection is closed.
	Calm() error
	// Answer tells what became of a draft of this connection. One that is stored
	// and not Known has been delivered to the connection's room, the connection
	// included, which is answer enough.
	Answer(draft Draft, outcome Outcome)
	// CheckIdle is called LooksPerPing times in a ping interval (see beats): it pings a
	// connection that is quiet, and finds out whether somebody is still there.
	CheckIdle()
	// Close tells the reason after what is queued, and ends the connection. The
	// first call counts.
	Close(reason Close)
}

// Lag is how far a connection is behind what it is sent.
type Lag int

const (
	Current Lag = iota // little is queued, or nothing
	Behind             // its queue is filling, and it takes bytes
	Stalled            // its queue is filling, and it has taken nothing for a while
)

// Write writes to a socket what append appends, in memory that serves again unless
// the socket keeps it. A socket that is behind may keep it for long and counts what
// is written, so what is small must not come in memory that once held a page. It returns
// the number of bytes.
func Write(socket Socket, append func(dst []byte) []byte) (bytes int) {
	memory := writeBuffers.Get().(*[]byte)
	frames := append((*memory)[:0])
	kept := false
	if cap(frames) > maxFrameMemory && len(frames) < cap(frames)/4 {
		socket.Write(slices.Clone(frames))
	} else {
		kept = socket.Write(frames)
	}
	if !kept && cap(frames) <= maxPooledWrite {
		*memory = frames
		writeBuffers.Put(memory)
	}
	return len(frames)
}

// maxFrameMemory is memory that is small enough for any frame.
const maxFrameMemory = 4 << 10

// maxPooledWrite bounds the memory of a write that serves again.
const maxPooledWrite = 128 << 10

var writeBuffers = sync.Pool{New: func() any { return new([]byte) }}

// Send writes what append appends to this connection alone.
func (c *Connection) Send(append func(dst []byte) []byte) {
	c.Unpaid.Add(int64(Write(c.Socket, append)))
}

// send writes an event to one connection.
func (h *hub) send(conn *Connection, event Event) {
	conn.Send(func(dst []byte) []byte { return h.frames[conn.Kind].Append(dst, event) })
}

// Close is why a connection is closed: a code of RFC 6455 §7.4.1 and a
// sentence. docs/protocol.md says for each whether to come back.
type Close struct {
	Code   uint16 // 0 answers a goodbye that has none
	Reason string // at most 123 bytes, RFC 6455 §5.5.1
}

// The reasons of ours. CloseTooSlow drops what is queued and not begun, since
// it would never arrive; all others come after it.
var (
	CloseGoingAway    = Close{1001, "the server is going away"}
	CloseHistoryReset = Close{1001, "the history was reset: reconnect"}
	CloseRoomRemoved  = Close{1001, "a room was removed: reconnect"}
	CloseNameLost     = Close{1001, "another user holds this name now: reconnect"}
	CloseProtocol     = Close{1002, "protocol error (RFC 6455)"}
	CloseBinary       = Close{1003, "binary frames are not supported"}
	CloseNotText      = Close{1007, "a message must be valid UTF-8"}
	CloseControl      = Close{1008, "a message cannot contain control characters other than tabs and line breaks"}
	ClosePolicy       = Close{1008, "not allowed"}
	CloseTooBig       = Close{1009, "the message is too big"}
	CloseNotStored    = Close{1011, "not stored"}
	CloseShortOnly    = Close{1011, fmt.Sprintf("not stored: the disk is almost full, so only messages of up to %d bytes are stored", ShortText)}
	CloseNoNewRooms   = Close{1011, "not stored: the disk is almost full, so no new rooms can be created"}
	CloseInternal     = Close{1011, "something went wrong"}
	CloseTooSlow      = Close{1013, "too slow to keep up"}
	CloseUnresponsive = Close{1013, "no answer to pings"}
)

func (c Close) Error() string {
	if c.Code == 0 {
		return "closed without a code"
	}
	if c.Reason == "" {
		return fmt.Sprintf("closed with %d", c.Code)
	}
	return fmt.Sprintf("closed with %d: %s", c.Code, c.Reason)
}
