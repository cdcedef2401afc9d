package chat

import (
	"context"
	"math"
)

// Store stores rooms and messages. Its methods may be called from several goroutines.
type Store interface {
	// Commit applies a batch of changes in one transaction, in order, and returns one outcome
	// per change. Each gets the next rev of its room, and so does the root of a thread whose
	// summary it changes (Outcome.Root). A change that was made before, such as a Post whose
	// id its room already has, changes nothing. Reactions of a batch to one message share a
	// rev: the first one's outcome has all of them, and the others are Known. A room is
	// created by its first Post. A Move is a batch of its own.
	//
	// After an error nothing of the batch is stored, or the result is unknown. The error is
	// an ErrData if the batch can never be stored, and a *LockTimeout if another transaction
	// keeps some of its rooms locked.
	Commit(ctx context.Context, changes []Change) ([]Outcome, error)
	// Before returns the last messages of a room with a seq below the given one, oldest
	// first, and the room's rev of the same moment. For a room that is not stored it returns
	// an empty page with rev 0.
	Before(ctx context.Context, room string, seq int64, limit Limit) (Page, error)
	// Changes returns the messages that changed after the rev since, ordered by rev. If More
	// is false, the page's Rev is the room's at the same moment, and may be below since.
	Changes(ctx context.Context, room string, since int64, limit Limit) (Page, error)
	// Rooms returns up to limit rooms ordered by slug: those after the given slug that start
	// with the prefix.
	Rooms(ctx context.Context, after, prefix string, limit int) ([]Room, error)
	// Epoch identifies the store's history. It changes when the store goes back in time, for
	// example after a restore: earlier revs are then meaningless. A store that can go back
	// while it is open returns the new epoch before it reads anything of the new history.
	Epoch() string
	// Check returns the reason why the store cannot serve requests, or nil.
	Check(ctx context.Context) error
	Details
	Authors
}

// Authors knows the messages that an earlier version stored under another id of their author.
type Authors interface {
	// ReplaceAuthor gives the messages of a former User.ID the present one. Each gets the next
	// rev of its room. It returns the rooms that it changed, also after an error; the rest
	// follows when it is called again. It does nothing for an id that no message has.
	ReplaceAuthor(ctx context.Context, former, id string) (rooms []string, err error)
}

// Details reads what the pages of a room do not show. Its pages have the room's rev of the
// same moment.
type Details interface {
	// Replies returns the last replies of a thread with a seq below the given one, oldest
	// first, without the root.
	Replies(ctx context.Context, room string, root, seq int64, limit Limit) (Page, error)
	// ThreadChanges returns the messages of a thread, its root included, that changed after
	// the rev since, ordered by rev. Rev and More are as in Changes.
	ThreadChanges(ctx context.Context, room string, root, since int64, limit Limit) (Page, error)
	// Pins returns the last pinned messages of a room, ordered by seq.
	Pins(ctx context.Context, room string, limit Limit) (Page, error)
	// After returns the first messages of a room with a seq above the given one, oldest
	// first.
	After(ctx context.Context, room string, seq int64, limit Limit) (Page, error)
	// Versions returns the first earlier texts of a message with a number above since, of those
	// that are kept, oldest first. more reports whether others follow.
	Versions(ctx context.Context, room string, seq, since int64, limit Limit) (page []Version, more bool, err error)
}

// Outcome is the result of one change of a batch.
type Outcome struct {
	// Message is the message after the change, and after an error about a stored message, such
	// as ErrConflict, the message as it is.
	Message Message
	// Root is the root of the message's thread if the change gave it another summary, and
	// with it the rev after the message's own; otherwise nil.
	Root *Message
	// Moved is what a Move made of its messages: the other changed messages of both rooms, in
	// the order of their revs in each, and the places of Move.Seqs in the other room.
	Moved  []Message
	Places []int64
	Known  bool  // the change was made before, had nothing to change or shares the rev of another one, so it has no rev of its own
	Rev    int64 // the room's rev after this change of the batch
	// Err is why the change was not made. A new message: ErrTooManyRooms, ErrTooManyNewRooms,
	// ErrShortOnly or ErrNoNewRooms. A reply or a change of a stored message: ErrNoMessage,
	// ErrGone, ErrMoved, ErrNotAuthor, ErrNestedThread, ErrConflict, ErrTooManyEmoji, ErrTooManyReactions
	// or ErrShortOnly. A Move: also ErrNoRoom, ErrTooManyMoved or ErrMoveConflict.
	Err error
}

// Page is the part of a room's history in an interval of revs, (Since, Rev].
type Page struct {
	Since    int64
	SinceID  string // of the message whose rev is Since; empty if no message has it now
	Rev      int64
	Purged   int64 // the rev below which the room has no history, because a room of its name was removed; 0 if none was
	Messages []Message
	More     bool // more messages exist: after Rev, or, for a page that goes back, before it
}

// Replaces reports whether a client at the rev since has the room's history from before a
// room of that name was removed.
func (p *Page) Replaces(since int64) bool { return since > 0 && since < p.Purged }

// Limit bounds a page, which always contains at least one message. Zero Bytes means no limit
// in bytes.
type Limit struct {
	Messages int
	Bytes    int // as counted by Message.Size
}

// PageLimit is the limit of a page in large frames and on the website: several such pages
// fit a connection's queue. Kind.PageLimit returns the limit of each kind.
var PageLimit = Limit{Messages: 100, Bytes: 64 << 10}

// PageLimit returns the limit of a page for this kind. A page within FrameBytes leaves
// room for a list of about 150 members.
func (k Kind) PageLimit() Limit {
	if k == LargeJSON {
		return PageLimit
	}
	return Limit{Messages: PageLimit.Messages, Bytes: FrameBytes * 3 / 4}
}

// Newest is a seq above that of every message.
const Newest = math.MaxInt64

// Position is how far a client has a room.
type Position struct {
	Rev   int64
	Epoch string // of the store that the client received it from; empty if unknown
	ID    string // of the message with this rev; empty if unknown
}

// Room is a stored room: one with at least one message.
type Room struct {
	Slug   string
	Title  string
	Rev    int64
	Online int // users present now
}

// Removals is the interface of a store from which another process may remove rooms.
type Removals interface {
	// Removals returns the number of rooms that were ever removed.
	Removals(ctx context.Context) (int64, error)
	// Purged returns the Page.Purged of those of the rooms that are stored, by slug.
	Purged(ctx context.Context, slugs []string) (map[string]int64, error)
}
