package chat

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Connection is one open WebSocket as the chat sees it: its actor, kind and socket. The
// WebSocket handler creates it and passes it to Chat.Enter.
type Connection struct {
	Actor  // who asks with every command of the connection
	Kind   Kind
	Socket Socket
	// Left states, when the connection exits, that the user disconnected on purpose. If it
	// is false the connection was lost, and the name is kept for its holder: see KeepName.
	Left bool

	// Unpaid counts bytes that are not yet charged to the connection's payer: everything
	// read from it, and everything written to it alone rather than to its room.
	Unpaid atomic.Int64

	// Wheel is the connection's place on the keepalive wheel, and Pending holds one element
	// for each of its pending changes, nil until the first. Only live and journal use them.
	Wheel   WheelPlace
	Pending chan struct{}

	entered       bool
	subscriptions []Subscription // owned by the reading goroutine

	names atomic.Pointer[map[string]string] // see RoomNames

	mu     sync.Mutex
	behind []Resender // subscriptions that missed presence events, see Stale
}

// WheelPlace is a place on the keepalive wheel.
type WheelPlace struct{ Slot, Index int32 }

// Subscription attaches a connection to a room. live implements it. Its methods are called
// by the goroutine that reads the connection, except Settled.
type Subscription interface {
	// Slug returns the slug of the room.
	Slug() string
	// Rev returns the rev up to which everything was written to the room's subscriptions;
	// live is false while this one is catching up.
	Rev() (rev int64, live bool)
	// Admit waits until the room admits a message of a size in bytes; Settled must be called
	// when it is stored or refused. The error is ErrStopping.
	Admit(bytes int) error
	// Settled notes that an admitted message was stored or refused. told is false if the room
	// receives nothing for it, for example because another change tells the same.
	Settled(bytes int, told bool)
	// Type announces that the user is typing, at most once every second and not in a large
	// room.
	Type()
	// Sent notes that a message ends the typing, so that new typing is announced at once.
	Sent()
}

// Resender is a subscription that missed presence events.
type Resender interface {
	// Resend sends the complete list of members.
	Resend()
}

// Subscription returns the connection's subscription to a room, or nil.
func (c *Connection) Subscription(slug string) Subscription {
	for _, m := range c.subscriptions {
		if m.Slug() == slug {
			return m
		}
	}
	return nil
}

// RoomNames returns what the connection calls rooms, by id: the address with which it joined
// them, if that is not the id. It is nil for nearly all connections. The caller must not change
// it.
func (c *Connection) RoomNames() map[string]string {
	if names := c.names.Load(); names != nil {
		return *names
	}
	return nil
}

// RoomName returns what the connection calls a room.
func (c *Connection) RoomName(id string) string {
	if name, renamed := c.RoomNames()[id]; renamed {
		return name
	}
	return id
}

// callRoom sets what the connection calls a room. Only the reading goroutine calls it.
func (c *Connection) callRoom(id, name string) {
	if c.RoomName(id) == name {
		return
	}
	names := maps.Clone(c.RoomNames())
	if names == nil {
		names = map[string]string{}
	}
	if names[id] = name; id == name {
		delete(names, id)
	}
	c.names.Store(&names)
	if len(names) == 0 {
		c.names.Store(nil)
	}
}

// Subscriptions returns the connection's subscriptions. The caller must not change them.
func (c *Connection) Subscriptions() []Subscription { return c.subscriptions }

// Subscribe adds a subscription to the connection's list.
func (c *Connection) Subscribe(to Subscription) { c.subscriptions = append(c.subscriptions, to) }

// Unsubscribe removes a subscription from the connection's list.
func (c *Connection) Unsubscribe(from Subscription) {
	c.subscriptions = slices.DeleteFunc(c.subscriptions, func(other Subscription) bool { return other == from })
}

// UnsubscribeAll empties the connection's list.
func (c *Connection) UnsubscribeAll() { c.subscriptions = nil }

// Stale notes that a subscription missed presence events because the connection's queue was
// filling. The complete list follows when the queue is empty, which it may be already.
func (c *Connection) Stale(m Resender) {
	c.mu.Lock()
	if !slices.Contains(c.behind, m) {
		c.behind = append(c.behind, m)
	}
	c.mu.Unlock()
	if c.Socket.Lag() == Current {
		go c.CaughtUp() // in a goroutine, because the caller may hold the room's lock
	}
}

// CaughtUp must be called when the connection's queue has become empty. It sends the
// complete member lists that Stale noted.
func (c *Connection) CaughtUp() {
	c.mu.Lock()
	behind := c.behind
	c.behind = nil
	c.mu.Unlock()
	for _, m := range behind {
		m.Resend()
	}
}

// Socket is the transport of a connection. Only Calm may block: the hub and the recorder
// call the other methods while other connections wait.
type Socket interface {
	// Write sends complete frames in the order of the calls. It reports whether it kept the
	// slice, which the caller must then not modify.
	Write(frames []byte) (kept bool)
	// Lag returns how far the connection is behind. Droppable events are not sent to a
	// connection that is not Current.
	Lag() Lag
	// Calm waits until the queue has room for a page. It returns an error if the connection
	// is closed.
	Calm() error
	// Answer reports the outcome of a change that this connection asked for. A change that
	// was made and is not Known was also delivered to the room, this connection included,
	// which acknowledges it.
	Answer(change Change, outcome Outcome)
	// CheckIdle is called ChecksPerPing times in a ping interval (see keepalive). It pings
	// an idle connection and detects a peer that no longer answers.
	CheckIdle()
	// Close ends the connection with the reason, after the queued frames. Only the first
	// call has an effect.
	Close(reason Close)
}

const (
	// PingInterval is the time without incoming data after which a connection is pinged.
	// Many proxies, NATs and client libraries close a connection after 30, 40 or 60 s
	// without data; a ping every 27 s precedes all of them. A dead peer is detected after 2
	// to 2.2 intervals, within the 75 s after which people would notice it themselves.
	PingInterval = 27 * time.Second
	// ChecksPerPing is how often a connection is checked in a ping interval, and so the
	// precision with which its idle time is known.
	ChecksPerPing = 5
)

// Lag is how far a connection is behind what it should receive.
type Lag int

const (
	Current Lag = iota // the queue is empty or short
	Behind             // the queue is filling, and the peer reads
	Stalled            // the queue is filling, and the peer has not read for a while
)

// Write writes the frames that append produces to a socket. It uses pooled memory, which
// returns to the pool unless the socket kept it. A socket that is behind can keep memory for
// long and counts only the bytes written, so small frames never occupy the memory of a
// former page: they are copied. It returns the number of bytes.
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

// maxFrameMemory is an amount of memory small enough to keep for any frame.
const maxFrameMemory = 4 << 10

// maxPooledWrite is the largest buffer that returns to the pool.
const maxPooledWrite = 128 << 10

var writeBuffers = sync.Pool{New: func() any { return new([]byte) }}

// Send writes the frames that append produces to this connection alone.
func (c *Connection) Send(append func(dst []byte) []byte) {
	c.Unpaid.Add(int64(Write(c.Socket, append)))
}

// Close is the reason why a connection is closed: a code (RFC 6455 §7.4.1) and a sentence.
// docs/protocol.md states for each whether clients should reconnect.
type Close struct {
	Code   uint16 // 0 answers a close frame without a code
	Reason string // at most 123 bytes, RFC 6455 §5.5.1
}

// The close reasons of the chat; package ws has those of the transport.
var (
	CloseGoingAway    = Close{1001, "the server is going away"}
	CloseHistoryReset = Close{1001, "the history was reset: reconnect"}
	CloseRoomRemoved  = Close{1001, "a room was removed: reconnect"}
	CloseRoomRenamed  = Close{1001, "a room was renamed: reconnect"}
	CloseNameLost     = Close{1001, "another user holds this name now: reconnect"}
	CloseControl      = Close{1008, "a message cannot contain control characters other than tabs and line breaks"}
	ClosePolicy       = Close{1008, "not allowed"}
	CloseNotStored    = Close{1011, "not stored"}
	CloseShortOnly    = Close{1011, fmt.Sprintf("not stored: the disk is almost full, so only messages of up to %d bytes are stored", ShortText)}
	CloseNoNewRooms   = Close{1011, "not stored: the disk is almost full, so no new rooms can be created"}
	CloseInternal     = Close{1011, "something went wrong"}
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

// PageReader is a reader of pages: the payer of the work, and the page limit.
type PageReader struct {
	Payer
	Limit Limit
}

// PageReader returns the connection as a reader of pages.
func (c *Connection) PageReader() PageReader { return PageReader{c.Payer(), c.Kind.PageLimit()} }
