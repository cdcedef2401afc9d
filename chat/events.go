package chat

// Event is something that the connections of a room receive. Each kind of frames omits the
// events it has no representation for.
type Event interface{ event() }

// Frames encodes events for one kind of connection.
type Frames interface {
	// Append appends the complete frames of the event to dst and returns the extended slice:
	// one frame, or several if one would be too large. It appends nothing for an event that
	// this kind does not send.
	Append(dst []byte, event Event) []byte
}

// Said is a stored message: a new one, or a changed one.
type Said struct {
	Message Message
	// New states that the receivers did not have the message before, though it may have
	// changed since it was posted.
	New bool
	// Recent states that a changed message is one of the last messages of its room. It is
	// only known in rooms with a TextWithChanges connection.
	Recent bool
}

// Joined and Left state that a connection joined or left the room. They count connections,
// not users: two tabs are two.
type (
	Joined struct{ User User }
	Left   struct{ User User }
)

// RoomSnapshot is the answer to Chat.Join for the connection that joined: a page and the
// members.
type RoomSnapshot struct {
	Room    string // the room's id, as in all events
	Address string // RoomInfo.Address
	Title   string
	Page    Page // if More is set, further changes exist and the subscription is not live yet
	Reset   bool // the client must discard what it had of the room
	Members *Members
	Online  int
}

// MaxListed is the number of members that a room lists: the first to arrive.
const MaxListed = 256

// Members is a list of a room's members, the first MaxListed to arrive. It is immutable and
// shared by many receivers.
type Members struct {
	Users   []User
	Encoded []byte // the list as JSON, cached for the next receiver; guarded by the room's lock
	Ends    []int  // the offset in Encoded at which each user ends
}

// Backfill is a page with messages that the members of a room missed.
type Backfill struct {
	Room string
	Page Page
}

// Presence reports by user who joined and left: the changes since the previous event; or all
// members if Whole (the first MaxListed); or, if Crowd, only their number.
type Presence struct {
	Room    string
	Joined  []User
	Left    []User
	Whole   bool
	Members *Members
	Crowd   bool
	Online  int
}

// Renamed states that a room has another address or title.
type Renamed struct{ Room, Address, Title string }

// Typing states that a user is typing.
type Typing struct{ Room, From string }

func (Said) event()         {}
func (Joined) event()       {}
func (Left) event()         {}
func (RoomSnapshot) event() {}
func (Backfill) event()     {}
func (Presence) event()     {}
func (Renamed) event()      {}
func (Typing) event()       {}
