package chat

// Event is what the connections of a room hear. Each kind of frames leaves out
// what it does not tell.
type Event interface{ event() }

// Said is a message that was stored: new, or changed if its Rev is not its Seq.
type Said struct{ Message Message }

// Joined is a connection that came into the room, Left one that went. There is
// one of each a connection, not a user: two tabs are two.
type (
	Joined struct{ User User }
	Left   struct{ User User }
)

// RoomSnapshot is the answer to Chat.Join, for the one who joined: a page, and who is
// there.
type RoomSnapshot struct {
	Room    string
	Title   string
	Page    Page // More: there are more changes, and nothing is live yet
	Reset   bool // what was known of the room is void
	Members *Members
	Online  int
}

// Members is a list of who is in a room, the first MaxListed to come. It never
// changes, and is given to many.
type Members struct {
	Users   []User
	Encoded []byte // the list as JSON, cached for the next receiver; guarded by the room's lock
	Ends    []int  // the offset in Encoded at which each user ends
}

// Backfill is a page that fills what the members of a room missed.
type Backfill struct {
	Room string
	Page Page
}

// Presence tells who came and went, by user: the changes since the last one, or,
// if Whole, everybody (the first MaxListed), or, in a crowd, only how many.
type Presence struct {
	Room    string
	Joined  []User
	Left    []User
	Whole   bool
	Members *Members
	Crowd   bool
	Online  int
}

// Typing tells that somebody is writing.
type Typing struct{ Room, From string }

func (Said) event()         {}
func (Joined) event()       {}
func (Left) event()         {}
func (RoomSnapshot) event() {}
func (Backfill) event()     {}
func (Presence) event()     {}
func (Typing) event()       {}

// Kind is how a connection speaks.
type Kind uint8

// The kinds of frames. An event is encoded once for each. kinds is their number.
const (
	PlainText Kind = iota // the contract of the original guide: it hears Said, Joined and Left
	JSON                  // chat.v1: it hears Said, Entered, Changed, Presence and Typing
	LargeJSON             // chat.v1 with frames of up to LargeFrameBytes
	kinds
)

// String returns the kind's name in the log and in metrics, which do not tell the sizes
// of JSON apart.
func (k Kind) String() string {
	return [...]string{PlainText: "text", JSON: "json", LargeJSON: "json"}[k]
}

// Frames turns events into what one kind of connection is sent.
type Frames interface {
	// Append adds the ready frames of the event to dst and returns the extended slice:
	// one, or several if one would be too large; nothing is added for an event that
	// this kind does not hear.
	Append(dst []byte, event Event) []byte
}
