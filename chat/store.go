package chat

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
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
	// Rooms returns up to limit rooms ordered by address: those after the given address that
	// start with the prefix.
	Rooms(ctx context.Context, after, prefix string, limit int) ([]Room, error)
	// Epoch identifies the store's history. It changes when the store goes back in time, for
	// example after a restore: earlier revs are then meaningless. A store that can go back
	// while it is open returns the new epoch before it reads anything of the new history.
	Epoch() string
	// Check returns the reason why the store cannot serve requests, or nil.
	Check(ctx context.Context) error
	Details
	Authors
	RoomFinder
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
	ID      string // see RoomInfo
	Address string
	Title   string
	Rev     int64
	Online  int // users present now
}

// RoomChanges is the interface of a store in which another process may change and remove rooms.
type RoomChanges interface {
	// RoomChanges returns the number of changes of rooms, not of their messages, that were ever
	// made; and the ids and addresses, present and former, of the rooms that were changed after
	// the first since of them.
	RoomChanges(ctx context.Context, since int64) (now int64, addresses []string, err error)
	// Removals returns the number of rooms that were ever removed.
	Removals(ctx context.Context) (int64, error)
	// Purged returns the Page.Purged of those of the rooms that are stored, by slug.
	Purged(ctx context.Context, slugs []string) (map[string]int64, error)
}

const (
	// Lobby is the default room.
	Lobby = "lobby"
	// MaxSlug is the maximum length of a room's slug in characters.
	MaxSlug        = 64
	slugCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
)

// ParseRoom returns the lower-case slug of a room; empty means the Lobby. The error is an
// *Invalid with the field "room".
func ParseRoom(slug string) (string, error) {
	if slug == "" {
		return Lobby, nil
	}
	return parseSlug("room", slug)
}

func parseSlug(field, slug string) (string, error) {
	if len(slug) > MaxSlug || strings.Trim(slug, slugCharacters) != "" {
		return "", invalid(field, "A room's name has 1 to %d of the characters a-z, 0-9, _ and -.", MaxSlug)
	}
	return strings.ToLower(slug), nil
}

// RoomTitle returns the title that a room has until it is given one: "night-watch" becomes
// "Night watch".
func RoomTitle(slug string) string {
	words := strings.TrimSpace(strings.NewReplacer("-", " ", "_", " ").Replace(slug))
	if words == "" {
		return slug
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// RoomInfo is what the chat knows of a room beside its messages. It is immutable and shared.
type RoomInfo struct {
	// ID identifies the room, and never changes: the slug that it was created with. Everything
	// inside the chat is keyed by it.
	ID string
	// Address is what URLs name the room by. It is the ID until the room is renamed.
	Address string
	Title   string
}

// NewRoomInfo returns the room that its first message would create at an address.
func NewRoomInfo(slug string) *RoomInfo {
	return &RoomInfo{ID: slug, Address: slug, Title: RoomTitle(slug)}
}

// RoomFinder finds stored rooms.
type RoomFinder interface {
	// FindRoom returns the stored room that has an address, had it before, or has it as its id;
	// nil if there is none.
	FindRoom(ctx context.Context, address string) (*RoomInfo, error)
}

// maxDirectory is the number of addresses that a Directory remembers.
const maxDirectory = 10_000

// Directory finds rooms by their addresses and remembers them, also those that are not
// stored: a public room exists for the people in it before its first message is stored.
// Forget makes it look again.
type Directory struct {
	stored RoomFinder
	cache  *lru.Cache[string, *RoomInfo]

	mu      sync.Mutex
	forgets int64 // so that nothing is remembered that was read before a Forget
}

// NewDirectory returns a directory of stored rooms.
func NewDirectory(stored RoomFinder) *Directory {
	cache, err := lru.New[string, *RoomInfo](maxDirectory)
	if err != nil {
		panic(err) // only for a size below one
	}
	return &Directory{stored: stored, cache: cache}
}

// Find returns the room with an address, or the one that its first message would create. For
// an address that it remembers, it allocates nothing. The error is the store's.
func (d *Directory) Find(ctx context.Context, address string) (*RoomInfo, error) {
	if room, known := d.cache.Get(address); known {
		return room, nil
	}
	forgets := d.Version()
	room, err := d.stored.FindRoom(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("find the room %s: %w", address, err)
	}
	if room == nil {
		room = NewRoomInfo(address)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.forgets == forgets {
		d.cache.Add(address, room)
	}
	return room, nil
}

// Version changes with each Forget.
func (d *Directory) Version() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.forgets
}

// Forget forgets the rooms with these ids and addresses; all rooms without any.
func (d *Directory) Forget(addresses ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forgets++
	for _, address := range addresses {
		d.cache.Remove(address)
	}
	if len(addresses) == 0 {
		d.cache.Purge()
	}
}
