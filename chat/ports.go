package chat

import (
	"context"
	"net/netip"
)

// Chat needs its other parts by these interfaces. Store, Renderer, Metrics, Frames and Socket
// have files of their own, and so have what the nodes of a fleet share: Registry,
// NameRegistry, SharedStore and Broker.

// Live delivers to the connections of this process. live.Hub implements it.
type Live interface {
	Entrance
	Attaching
	LiveRooms
	Stopping
}

// Entrance counts connections in and out.
type Entrance interface {
	// MayEnter returns the error with which Enter would refuse the actor now.
	MayEnter(actor Actor) error
	// Enter registers a connection, or refuses it with one of the errors of Chat.MayEnter.
	Enter(conn *Connection) error
	// Exit ends a connection's subscriptions and unregisters it.
	Exit(conn *Connection)
	// Connections returns the number of open connections.
	Connections() int
	// ConnectionsFrom returns the number of open connections from a network.
	ConnectionsFrom(network netip.Prefix) int
}

// Attaching attaches connections to rooms and detaches them.
type Attaching interface {
	// Join subscribes a connection to a room, see Chat.Join.
	Join(ctx context.Context, conn *Connection, slug string, at *Position) error
	// JoinWithHistory subscribes a plain-text connection, see Chat.JoinWithHistory.
	JoinWithHistory(ctx context.Context, conn *Connection, slug string, history int) error
	// Leave ends a subscription.
	Leave(conn *Connection, from Subscription)
}

// Stopping ends the delivery.
type Stopping interface {
	// Stopping reports whether new connections are refused.
	Stopping() bool
	// BeginStop refuses new connections from now on.
	BeginStop()
	// Stop delivers what remains and closes all connections.
	Stop(ctx context.Context) error
}

// LiveRooms are the open rooms.
type LiveRooms interface {
	// Room returns a room for a reader of its pages, whether it is open or not.
	Room(slug string) LiveRoom
	// CountOnline sets the number of users online in each room.
	CountOnline(rooms []Room)
	// FollowEpoch closes all connections if the epoch is a new one.
	FollowEpoch(epoch string)
	// Stats adds its values.
	Stats(stats *Stats)
}

// LiveRoom is a room as readers of its pages see it.
type LiveRoom interface {
	// Slug returns the room's slug.
	Slug() string
	// CurrentRev returns the rev up to which messages were delivered; known is false if no
	// connection follows the room.
	CurrentRev() (rev int64, known bool)
}

// Journal commits changes, and has it delivered. journal.Recorder implements it.
type Journal interface {
	// Take queues a change for a subscription, which has admitted its bytes. It waits while the
	// connection has too many pending changes. The error is ErrBusy or ErrStopping; the
	// change is then not queued.
	Take(conn *Connection, to Subscription, change Change, bytes int) error
	// Wait waits until a connection has no pending change. The connection must not send in
	// the meantime.
	Wait(conn *Connection)
	// Pending returns the number of changes waiting for the next commit, and the bytes of all
	// changes not answered yet.
	Pending() (changes, bytes int)
	// Stop refuses further changes and returns when the pending ones are stored, answered and
	// delivered, or with the context's error.
	Stop(ctx context.Context) error
}

// Pages reads pages of history for clients. journal.CachedPages implements it.
type Pages interface {
	// Before is Store.Before, after waiting for the payer's turn. It has the HTML that is
	// stored.
	Before(ctx context.Context, payer Payer, room string, seq int64, limit Limit) (Page, error)
	// History returns the page of messages before a seq.
	History(ctx context.Context, by PageReader, room string, seq int64) (Page, error)
	// Read reads a page in the reader's turn and renders it.
	Read(ctx context.Context, by PageReader, render Render, read func() (Page, error)) (Page, error)
	// Enter waits for the turn to read something else; call leave when it is read. The error
	// is the context's.
	Enter(ctx context.Context, payer Payer) (leave func(), err error)
	// NewestForWebPage returns the newest page of a room. It waits for its turn no longer than
	// the context allows: if the store hangs, the page is served without messages.
	NewestForWebPage(ctx context.Context, payer Payer, room LiveRoom) (Page, error)
}

// Peers are the other processes that use the store: the nodes of a fleet, and the operator's
// command line. cluster.Node implements it, and cluster.Solo for a process alone.
type Peers interface {
	// Interrupt ends the comparisons with the store.
	Interrupt(ctx context.Context) error
	// Stop takes leave of the other nodes.
	Stop(ctx context.Context)
	// Stats returns the values of a node; nil for a process alone.
	Stats() *FleetStats
}
