package chat

import (
	"net/netip"
	"time"
)

// Change is one change of a room's log: a Post, Edit, Delete, Purge, React, Pin or Move. A use case
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

// Move moves messages to another room, in the order of their places, with the replies of
// their threads. They keep their ids, authors, times, versions, reactions and pins, and get new
// places. A stub stays where they were.
type Move struct {
	Target         // Seq is the first of Seqs
	To     string  // the other room, which must be stored
	Seqs   []int64 // at most MaxMoveSeqs, each once
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
func (m Move) Memory() int   { return 8 * len(m.Seqs) }

// Size returns the Message.Size of the message that the post becomes.
func (p *Post) Size() int { return frameSize(p.From, p.Text, p.HTML) }
