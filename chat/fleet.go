package chat

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// SharedStore is the interface of a store that other nodes write to as well.
type SharedStore interface {
	// Heads returns the heads of those of the rooms that are stored, by slug.
	Heads(ctx context.Context, slugs []string) (map[string]Head, error)
	// CatchUpErasures adds what other nodes have deleted to the list of what was deleted in
	// this node's data directory. Call it at intervals.
	CatchUpErasures(ctx context.Context) error
	// Stats returns the current values.
	Stats() StoreStats
}

// Head is the newest revision of a room: its rev, and the id of the message that has it.
type Head struct {
	Rev int64
	ID  string // empty if no message has the rev
}

// Broker carries hints between nodes. A hint is about something that is already stored, or
// that soon no longer matters: it may be lost, late or duplicated.
type Broker interface {
	// Subscribe passes the hints of a room to hear, one at a time, until end is called. It
	// returns once no later hint can be missed. If the broker cannot confirm that soon, it
	// returns earlier and reports a loss through OnLoss. hear must not block.
	Subscribe(room string, hear func(Hint)) (end func())
	// Publish sends a hint to the other nodes that subscribe to its room. It does not wait
	// for them. If the broker's connection accepts no data, it blocks until that counts as
	// lost.
	Publish(hint Hint)
	// OnLoss registers a function that is called after hints of any room may have been lost.
	// It is called once, before the other methods; lost does not block.
	OnLoss(lost func())
	// Stats returns the current values.
	Stats() BrokerStats
}

// Hint is an event of a room that other nodes should know of.
type Hint struct {
	Room  string
	Epoch string // of the store in which it happened
	// Event is Said, Joined, Left or Typing; or a Presence with only the room, which means:
	// read the registry. It is nil if the event is unsigned or of an unknown kind: something
	// may have changed in the store or the registry.
	Event Event
	Trace any // identifies the message for Metrics; nil without
}

// maxRev is more than any room will reach, and the limit of exact integers in JavaScript.
const maxRev = 1 << 53

var errHint = errors.New("no node of this version sends such a hint")

// Check returns an error for a hint that cannot be right, just as commands of clients are
// validated: another node may have a fault or run another version. maxText is the limit of
// the settings.
func (h *Hint) Check(maxText int) error {
	switch event := h.Event.(type) {
	case Said:
		return checkMessage(&event.Message, maxText)
	case Joined:
		return checkUser(event.User)
	case Left:
		return checkUser(event.User)
	case Typing:
		return checkShownName(event.From)
	}
	return nil
}

// checkState returns an error for a state that no node of this version gives a message.
func checkState(s *State) error {
	if len(s.Reactions) > MaxEmoji || s.Edits < 0 || s.Versions < 0 || s.Versions > s.Edits {
		return errHint
	}
	var users []UserRef
	for _, r := range s.Reactions {
		users = append(users, r.Users...)
		if r.Emoji == "" || !utf8.ValidString(r.Emoji) {
			return errHint
		}
	}
	if len(users) > MaxReactions {
		return errHint
	}
	if s.Replies != nil {
		if users = append(users, s.Replies.Users...); len(s.Replies.Users) > MaxParticipants {
			return errHint
		}
	}
	if s.Deleted != nil {
		if users = append(users, s.Deleted.By); !isReason(s.Deleted.Reason) || s.Deleted.To != nil && s.Deleted.To.Seq < 1 {
			return errHint
		}
	}
	if s.Moved != nil {
		users = append(users, s.Moved.By)
	}
	if s.Pinned != nil {
		users = append(users, s.Pinned.By)
	}
	for _, user := range users {
		if err := checkShownName(user.Name); err != nil && user != (UserRef{}) { // the operator has no name
			return err
		}
	}
	return nil
}

// checkQuote returns an error for a quote that no node of this version gives a reply.
func checkQuote(q *Quote) error {
	if q == nil {
		return nil
	}
	if len(q.Text) > MaxQuote || !utf8.ValidString(q.Text) || controlsTerminal(q.Text) {
		return errHint
	}
	return checkShownName(q.From)
}

// checkShownName returns an error for a name that must not be shown, because parts of the
// line could be mistaken for something else. Names from nodes of another version may contain
// characters that NewUser refuses here.
func checkShownName(name string) error {
	if name == "" || len(name) > MaxName*utf8.UTFMax || !utf8.ValidString(name) ||
		strings.ContainsAny(name, `:/\`) || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }) {
		return errHint
	}
	return nil
}

// checkMessage returns an error for a message that no node of this version sends in a hint.
func checkMessage(m *Message, maxText int) error {
	id, err := draftID(m.ID)
	if err == nil && (id != m.ID || m.Seq < 1 || m.Rev < m.Seq || m.Rev > maxRev || m.Thread < 0 || m.ReplyTo < 0 || !utf8.ValidString(m.HTML) || strings.IndexByte(m.HTML, 0) >= 0) {
		err = errHint
	}
	return errors.Join(err, checkShownName(m.From), checkContent(m, maxText), checkState(&m.State), checkQuote(m.Quote))
}

// checkContent checks the text of a message. A tombstone has none.
func checkContent(m *Message, maxText int) error {
	if m.Deleted == nil {
		return checkText(m.Text, maxText)
	}
	if m.Text != "" || m.HTML != "" || m.Quote != nil {
		return errHint
	}
	return nil
}

// checkUser returns an error for a user that no node of this version sends in a hint.
func checkUser(u User) error {
	if u.Age < 0 || u.Age > MaxAge {
		return errHint
	}
	return checkShownName(u.Name)
}

const (
	// HeartbeatInterval is the time between a node's heartbeats, with which it also reads
	// the remote presence of all its rooms.
	HeartbeatInterval = 10 * time.Second
	// NodeTTL is the time without a heartbeat after which a node expires.
	NodeTTL = 40 * time.Second
	// NameTTL is the time without a heartbeat after which the names of a node are free. The
	// node's connections were lost at the latest when its next heartbeat was due, so each
	// name is kept for at least KeepName.
	NameTTL = HeartbeatInterval + KeepName
)

// Registry is the presence registry, in which the nodes of a fleet record their users, room
// by room. All times are measured by the registry's own clock.
type Registry interface {
	// Heartbeat shows that this node is alive. It reports whether the node had expired, so
	// that its presence may have been deleted.
	Heartbeat(ctx context.Context) (expired bool, err error)
	// Publish replaces this node's presence in the given rooms.
	Publish(ctx context.Context, rooms []NodePresence) error
	// Remote returns the presence in the given rooms on other nodes. It returns an error if
	// this node has expired.
	Remote(ctx context.Context, rooms []string) ([]NodePresence, error)
	// RemoteOnline returns the number of users in the given rooms on other nodes.
	RemoteOnline(ctx context.Context, rooms []string) (map[string]int, error)
	// Leave removes this node and its presence.
	Leave(ctx context.Context) error
}

// NodePresence is the presence in a room on one node.
type NodePresence struct {
	Room    string
	Node    string
	Online  int    // users on the node
	Users   []User // with name and age, the first MaxListed to arrive
	Expired bool   // the node sent no heartbeat for NodeTTL
}

// NameRegistry records which user holds which name, so that no two users of a fleet hold the
// same name, whatever their nodes.
type NameRegistry interface {
	// Acquire leases names to users of this node, except names that other users hold on
	// other nodes: it returns the leases of those holders.
	Acquire(ctx context.Context, names []NameLease) (holders []NameLease, err error)
	// Holders returns the holders because of which Acquire would refuse names.
	Holders(ctx context.Context, names []NameLease) ([]NameLease, error)
	// Release states that this node has no connection with these names any more.
	Release(ctx context.Context, names []NameRelease) error
}

// NameRelease is a name without connections on a node. It is kept for its holder for a
// while, unless another node has connections with it.
type NameRelease struct {
	Skeleton string
	Kept     time.Duration // 0 frees the name at once
}

// NameLease is a name and its holder.
type NameLease struct {
	Skeleton string // equal for names that look alike
	Holder   string // equal for users who may share the name
	Key      string // equal for equal names
	Name     string // as shown
	Kept     bool   // no connection has the name now: it is kept for its holder
}

// OfAccount reports whether the holder is an account. It takes its name from guests.
func (l NameLease) OfAccount() bool { return strings.HasPrefix(l.Holder, accountHolder) }

// accountHolder begins the holders that are accounts.
const accountHolder = "account/"

// Refusal returns the error for a user who needs this lease while holder has the name, or
// nil if they may share it, or if a guest's name is kept and the user has an account of that name.
func (l NameLease) Refusal(holder NameLease) error {
	switch {
	case l.Holder == holder.Holder, holder.Kept && l.OfAccount() && !holder.OfAccount():
		return nil
	case holder.Kept:
		return &NameKept{Name: holder.Name}
	case l.Key == holder.Key:
		return ErrNameTaken
	default:
		return &NameTooSimilar{Name: holder.Name}
	}
}

// KeepName is how long a name is kept for the holder's key after the connection was lost: a
// phone that changes networks, or a server that restarts, must not lose the name to whoever
// comes first. After a clean disconnect the name is free at once.
const KeepName = 60 * time.Second

// KeptNames is where a single process saves kept names across a restart. A fleet has them in
// its NameRegistry.
type KeptNames interface {
	// KeepNames replaces the saved names.
	KeepNames(ctx context.Context, names []KeptName) error
	// KeptNames returns the saved names.
	KeptNames(ctx context.Context) ([]KeptName, error)
}

// KeptName is a name that is kept for its holder.
type KeptName struct {
	NameLease
	Until time.Time // to the millisecond
}

// Lease returns the lease that a user needs for its name. Guests without a key share the exact
// name with each other; the connections of an account share its name.
func (u User) Lease() NameLease {
	holder := "name/" + u.nameKey
	switch {
	case u.Kind != GuestUser:
		holder = accountHolder + u.ID
	case u.Key != "":
		holder = "key/" + guestID("", u.Key)
	}
	return NameLease{Skeleton: u.skeleton, Holder: holder, Key: u.nameKey, Name: u.Name}
}
