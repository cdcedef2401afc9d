package chat

// Event is what the connections of a room hear: Said, Joined or Left.
type Event interface{ event() }

// Said is a message that was stored.
type Said struct{ Message Message }

// Joined is a connection that came into the room, Left one that went. There is
// one of each a connection, not a user: two tabs are two.
type (
	Joined struct{ User User }
	Left   struct{ User User }
)

func (Said) event()   {}
func (Joined) event() {}
func (Left) event()   {}

// Kind is how a connection speaks.
type Kind uint8

// The kinds of frames. kinds is how many there are.
const (
	PlainText Kind = iota // the contract of the original guide
	kinds
)

// Frames turns events into what one kind of connection is sent.
type Frames interface {
	// Append adds the ready frame of the event to dst and returns the extended
	// slice; nothing is added for an event that this kind does not hear.
	Append(dst []byte, event Event) []byte
}
