package chat

import (
	"net/netip"
	"time"
)

// Change is one change of a room's log: a Post, Edit, Delete, Purge, React or Pin. A use case
// has validated it and the access table allows it; Store.Commit applies it to the message as
// it is at that moment, and checks again what may have changed since: who wrote the message,
// and whether it still exists.
type Change interface {
	// Header returns what all changes have.
	Header() Header
	// Memory returns about how many bytes of memory the change takes.
	Memory() int
}

// Header is what all changes have.
type Header struct {
	Room  string
	ID    string    // of the new message; empty for a change of a stored one
	Seq   int64     // of the stored message; 0 for a new one
	Taken time.Time // when the change was queued, for measuring durations
	Trace any       // identifies the change for Metrics; nil without
}

// Author is the user who makes a change, as messages record it.
type Author struct {
	ID       string // User.ID
	FormerID string // User.FormerID
	Name     string
}

// Author returns the user as the author of a change.
func (u User) Author() Author { return Author{u.ID, u.FormerID, u.Name} }

// Wrote reports whether the author of a message with this AuthorID is this author. Nobody
// wrote a message without one.
func (a Author) Wrote(authorID string) bool {
	return authorID != "" && (authorID == a.ID || authorID == a.FormerID)
}

// Post adds a message to the log. A Post whose id the room already has changes nothing.
type Post struct {
	Room     string
	ID       string
	AuthorID string
	From     string
	Text     string
	Thread   int64        // the seq of the thread's root that the message replies to; 0 for a message outside threads
	ReplyTo  int64        // the seq of the message that it quotes; 0 for none
	Network  netip.Prefix // counts toward the limit of new rooms; the zero Prefix does not
	At       time.Time
	// HTML is the rendered text, and HTMLVersion the Renderer.Version that made it.
	HTML        string
	HTMLVersion int
	Taken       time.Time
	Trace       any
}

// Target is what all changes of a stored message have.
type Target struct {
	Room  string
	Seq   int64
	By    Author
	At    time.Time // UTC, in milliseconds
	Taken time.Time
	Trace any
}

// Edit replaces the text of the author's own message; the earlier text becomes a Version. The
// same text again changes nothing.
type Edit struct {
	Target
	// Rev is the Message.Rev that the author saw. If the text was edited after it, the
	// outcome is ErrConflict; reactions and pins since then do no harm.
	Rev         int64
	Text        string
	HTML        string
	HTMLVersion int
}

// Delete takes a message's text, HTML, versions, reactions and pin, and leaves a tombstone.
type Delete struct {
	Target
	Reason    string // for everyone to read; empty if none was given
	Moderator bool   // the access table lets By delete messages of others
}

// Purge removes one earlier version of a message for good.
type Purge struct {
	Target
	Version   int  // Version.Number
	Moderator bool // as in Delete
}

// React sets or removes one user's reaction with one emoji.
type React struct {
	Target
	Emoji string
	On    bool
}

// Pin pins a message to its room, or unpins it.
type Pin struct {
	Target
	On bool
}

// Header implements Change.
func (p Post) Header() Header { return Header{Room: p.Room, ID: p.ID, Taken: p.Taken, Trace: p.Trace} }

// Header implements Change.
func (t Target) Header() Header {
	return Header{Room: t.Room, Seq: t.Seq, Taken: t.Taken, Trace: t.Trace}
}

func (p Post) Memory() int   { return len(p.Text) + len(p.HTML) }
func (e Edit) Memory() int   { return len(e.Text) + len(e.HTML) }
func (d Delete) Memory() int { return len(d.Reason) }
func (Purge) Memory() int    { return 0 }
func (r React) Memory() int  { return len(r.Emoji) }
func (Pin) Memory() int      { return 0 }

const (
	// MaxEmoji is the number of different emoji with which users can react to one message.
	MaxEmoji = 50
	// MaxReactions is the number of reactions to one message, of all users together: they are
	// part of each of its events.
	MaxReactions = 1000
	// MaxParticipants is the number of authors that a ThreadSummary lists.
	MaxParticipants = 10
)

// State is what happened to a message since it was posted. The zero State is that of most
// messages. Its pointers and slices are shared and immutable. The JSON is that of the store
// and of hints to other nodes, which ignore unknown fields; clients get another.
type State struct {
	EditedAt  time.Time      `json:"edited_at,omitzero"`  // zero if the text was never edited
	TextRev   int64          `json:"text_rev,omitempty"`  // the room's rev at the latest Edit; 0 if the text was never edited
	Edits     int            `json:"edits,omitempty"`     // how many times the text was edited
	Versions  int            `json:"versions,omitempty"`  // how many earlier texts are kept: those that were not purged
	Deleted   *Deletion      `json:"deleted,omitempty"`   // nil unless the message is a tombstone, which has no content
	Pinned    *PinMark       `json:"pinned,omitempty"`    // nil if it is not pinned
	Reactions []Reaction     `json:"reactions,omitempty"` // in the order in which the emoji were first used
	Replies   *ThreadSummary `json:"replies,omitempty"`   // nil if its thread has no replies
}

// UserRef is a user in a message, with the name of that moment.
type UserRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Deletion is what a tombstone says about the deletion of its message.
type Deletion struct {
	By     UserRef   `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
}

// PinMark says who pinned a message, and when.
type PinMark struct {
	By UserRef   `json:"by"`
	At time.Time `json:"at"`
}

// Reaction is one emoji of a message, with the users who reacted with it, first to last.
type Reaction struct {
	Emoji string    `json:"emoji"`
	Users []UserRef `json:"users"`
}

// ThreadSummary sums up the replies of a thread that are not deleted.
type ThreadSummary struct {
	Count int       `json:"count"`
	Last  time.Time `json:"last"`  // the time of the newest reply
	Users []UserRef `json:"users"` // the first MaxParticipants authors, in the order of their first replies
}

// Quote is the beginning of the message that a reply quotes. It is read with the reply and
// never stored with it, so it is gone when its original is.
type Quote struct {
	AuthorID string `json:"author,omitempty"`
	From     string `json:"from"`
	Text     string `json:"text"` // at most MaxQuote bytes
}

// MaxQuote is the size of a quote in bytes.
const MaxQuote = 200

// Version is an earlier text of a message.
type Version struct {
	Number int // from 1 for the first text, which the first Edit replaced; numbers of purged versions are missing
	Text   string
	At     time.Time // when the text was written
}
