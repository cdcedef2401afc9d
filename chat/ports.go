package chat

import (
	"context"
	"net/netip"
	"time"
)

// The interfaces by which a chat uses its parts. Store, Renderer, Frames and Socket are in the
// files of their nouns, and fleet.go has those of what the nodes of a fleet share: Registry,
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
	// EachConnection calls f for every open connection.
	EachConnection(f func(*Connection))
	// ConnectionsFrom returns the number of open connections from a network.
	ConnectionsFrom(network netip.Prefix) int
}

// Attaching attaches connections to rooms and detaches them.
type Attaching interface {
	// Join subscribes a connection to a room, see Chat.Join.
	Join(ctx context.Context, conn *Connection, room *RoomInfo, at *Position) error
	// JoinWithHistory subscribes a plain-text connection, see Chat.JoinWithHistory.
	JoinWithHistory(ctx context.Context, conn *Connection, room *RoomInfo, history int) error
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
	// Suspect has a room compared with the store as soon as possible.
	Suspect(slug string, why BackfillReason)
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

// Metrics receives events to count and measure. Its methods are called from several
// goroutines, some of which everything else waits for: they must not block or call the chat.
type Metrics interface {
	// Stored reports a batch that was passed to the store at the time began. A non-nil err
	// is the reason why none of it was stored.
	Stored(batch []Change, began time.Time, err error)
	// Answered reports the outcome of a change when its sender is answered.
	Answered(change Change, outcome Outcome)
	// DeliveredToAll reports that a change with a Trace was delivered to all members of its
	// room.
	DeliveredToAll(change Header)
	// Delivered reports that a number of messages was written to each of a number of
	// connections.
	Delivered(messages, connections int)
	// RemoteReceived reports that the hint of a message arrived from another node.
	RemoteReceived(message Message)
	// Panicked reports a recovered panic and the component in which it occurred.
	Panicked(in string)
}

// NoMetrics discards everything.
type NoMetrics struct{}

var _ Metrics = NoMetrics{}

// Stored implements Metrics.
func (NoMetrics) Stored([]Change, time.Time, error) {}

// Answered implements Metrics.
func (NoMetrics) Answered(Change, Outcome) {}

// DeliveredToAll implements Metrics.
func (NoMetrics) DeliveredToAll(Header) {}

// Delivered implements Metrics.
func (NoMetrics) Delivered(int, int) {}

// RemoteReceived implements Metrics.
func (NoMetrics) RemoteReceived(Message) {}

// Panicked implements Metrics.
func (NoMetrics) Panicked(string) {}

// BackfillReason is the reason why a room was compared with the store.
type BackfillReason int

// The reasons for a backfill.
const (
	Gap             BackfillReason = iota // an earlier message did not arrive within the gap timeout
	FoundBehind                           // a comparison with the store found missing messages
	UncertainCommit                       // a batch failed but may have been stored
	BackfillReasons
)

// String returns the reason's label in metrics.
func (r BackfillReason) String() string {
	return [BackfillReasons]string{"gap", "comparison", "commit"}[r]
}

// FleetStats are a node's values, and its counters since its start.
type FleetStats struct {
	Broker           *BrokerStats // nil without a broker
	Store            StoreStats
	Stale            int64 // ignored hints of another epoch
	Invalid          int64 // ignored hints that no node of this version sends
	Restarted        int64 // rooms that were restarted because they had diverged from the store
	CompareFailures  int64 // failed comparisons with the store
	RegistryFailures int64 // failed requests to the presence registry
}

// BrokerStats are a broker's values, and its counters since it was opened.
type BrokerStats struct {
	DisconnectedSince   time.Time // zero while connected
	Published, Received int64     // hints
	Unpublished         int64     // hints that could not be published while disconnected
	Malformed           int64     // received data that is not a hint, or is a hint of an unknown kind
	Unsigned, Forged    int64     // received hints without a MAC, and with a wrong one
	Late                int64     // received hints that were late or repeated, and have no position in a room
	Overflowed          int64     // hints that arrived faster than they could be processed
}

// StoreStats are the values of a store that other nodes write to as well, and its counters
// since it was opened.
type StoreStats struct {
	Writers, Readers PoolStats // connections that write messages, and that read them
	Registry, Names  PoolStats // connections for the presence registry and the name registry
	LockTimeouts     int64     // batches that did not get a lock in time
}

// PoolStats describe a bounded pool of database connections.
type PoolStats struct {
	Open, InUse int
	Waits       int64         // how often a caller waited for a connection
	Waited      time.Duration // total waiting time
}

// Stats are the values of a chat at one moment.
type Stats struct {
	Connections [Kinds]int             // by Kind
	Rooms       int                    // with connections
	Drafts      int                    // waiting for the next commit
	DraftBytes  int                    // of all pending changes
	Delivering  int                    // rooms with undelivered batches
	Backfilled  [BackfillReasons]int64 // since the start: backfilled rooms, by BackfillReason
	Fleet       *FleetStats            // nil for a single process
}
