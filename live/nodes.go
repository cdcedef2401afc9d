package live

import (
	"time"

	"chatserver/chat"
)

// Nodes is what the names and rooms of this process need of the other nodes of a fleet.
// cluster.Node implements it, and cluster.Solo for a process alone.
type Nodes interface {
	NodeNames
	NodeRooms
}

// NodeRooms are the rooms that are open on the nodes of a fleet.
type NodeRooms interface {
	// Open connects a room with the same room on other nodes until close is called: it
	// receives their events, and has their presence. It returns when the room may be read:
	// anything stored after that is announced.
	Open(room *OpenRoom) (close func())
	// PresenceChanged states that a user entered or left a room here. It does not block.
	PresenceChanged(room string)
	// Online returns the number of users in rooms on other nodes; nil if it is unknown.
	Online(rooms []string) map[string]int
	// PublishMessage announces a stored message to the other nodes. The trace identifies it
	// for Metrics, or is nil.
	PublishMessage(message chat.Message, trace any)
	// Publish announces another event of a room to the other nodes.
	Publish(room string, event chat.Event)
	// GapTimeout is how long a message waits for earlier ones in transit from another node
	// before they are read from the store.
	GapTimeout() time.Duration
}
