package chat

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Message is a stored message of a room.
type Message struct {
	Room     string
	Seq      int64  // the room's rev when it was first stored, and its place in the room
	Rev      int64  // the room's rev at its latest change
	ID       string // UUID in canonical lower case, unique in its room
	AuthorID string // User.ID of the author; empty in messages older than author ids
	From     string // the author's name
	Text     string
	// TextBytes is the length of the full text in bytes if Fit cut it, and 0 otherwise.
	TextBytes int
	At        time.Time // UTC, in milliseconds; shown to people, never used for ordering
	HTML      string    // the rendered text, for pages; empty in messages older than rendering
	// HTMLVersion is the Renderer.Version of the HTML; 0 without.
	HTMLVersion int

	Thread  int64  // the seq of the root of the thread that the message is a reply in; 0 outside threads
	ReplyTo int64  // the seq of the message that it quotes; 0 for none
	Quote   *Quote // of ReplyTo; nil without, and if that message is deleted
	State
}

// MaxParticipants is the number of authors that a ThreadSummary lists.
const MaxParticipants = 10

// State is what happened to a message since it was posted. The zero State is that of most
// messages. Its pointers and slices are shared and immutable. The JSON is that of the store
// and of hints to other nodes, which ignore unknown fields; clients get another.
type State struct {
	EditedAt  time.Time      `json:"edited_at,omitzero"`  // zero if the text was never edited
	TextRev   int64          `json:"text_rev,omitempty"`  // the room's rev at the latest Edit, or at the Delete; 0 if the text was never edited
	Edits     int            `json:"edits,omitempty"`     // how many times the text was edited
	Versions  int            `json:"versions,omitempty"`  // how many earlier texts are kept: those that were not purged
	Deleted   *Deletion      `json:"deleted,omitempty"`   // nil unless the message is a tombstone, which has no content
	Pinned    *PinMark       `json:"pinned,omitempty"`    // nil if it is not pinned
	Reactions []Reaction     `json:"reactions,omitempty"` // in the order in which the emoji were first used
	Replies   *ThreadSummary `json:"replies,omitempty"`   // nil if its thread has no replies
	Moved     *MoveMark      `json:"moved,omitempty"`     // nil unless it comes from another room
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
	// To is where the message is if it was not deleted but moved: the tombstone is then a stub.
	// Clients do not get it, because who may read one room may not know the other.
	To *Ref `json:"to,omitempty"`
}

// err returns why nothing about the message can change any more.
func (d *Deletion) err() error {
	if d.To != nil {
		return ErrMoved
	}
	return ErrGone
}

// Ref names a stored message.
type Ref struct {
	Room string `json:"room"` // slug
	Seq  int64  `json:"seq"`
}

// MoveMark says who moved a message to its room, and when. Nobody learns from which one.
type MoveMark struct {
	By   UserRef   `json:"by"`
	At   time.Time `json:"at"`
	From []string  `json:"from"` // all rooms that it was in: what is deleted must not come back there
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

// checkText is Chat.checkText with a limit in bytes; 0 means no limit.
func checkText(text string, limit int) error {
	if limit > 0 && len(text) > limit {
		return &TooLong{Limit: limit, Size: len(text)}
	}
	if strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
		return invalid("text", "A message must be valid UTF-8 and cannot contain the character U+0000.")
	}
	if controlsTerminal(text) {
		return invalid("text", "A message cannot contain control characters other than tabs and line breaks.")
	}
	if strings.TrimSpace(text) == "" {
		return ErrEmpty
	}
	return nil
}

// controlsTerminal reports whether a text contains a control character (Unicode's Cc: C0,
// DEL and C1) other than a tab or line break. Plain text is read in terminals, which execute
// them: an escape sequence clears the screen or writes somewhere else on it, and a carriage
// return overwrites the name at the start of the line. A carriage return is allowed only
// where nothing follows in its line: before a line feed, or at the end.
//
// Characters that change the direction of writing are not control characters and are
// allowed: Arabic and Hebrew need them, and every message is a paragraph of its own.
func controlsTerminal(text string) bool {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\t', c == '\n':
		case c == '\r':
			if i+1 < len(text) && text[i+1] != '\n' {
				return true
			}
		case c < ' ', c == 0x7F:
			return true
		case c == 0xC2 && i+1 < len(text) && text[i+1] < 0xA0: // U+0080 to U+009F in UTF-8
			return true
		}
	}
	return false
}

// canonicalID is the length of a UUID in canonical form (RFC 9562 §4).
const canonicalID = 36

// draftID returns the canonical form of an id, or a new id if it is empty.
func draftID(id string) (string, error) {
	if id == "" {
		made, err := uuid.NewV7()
		if err != nil {
			return "", fmt.Errorf("make the id of a message: %w", err)
		}
		return made.String(), nil
	}
	if _, err := uuid.Parse(id); err != nil || len(id) != canonicalID {
		return "", invalid("id", "A message id must be a UUID, like 0198c5a0-7f3e-7cc2-a1b2-3c4d5e6f7a8b.")
	}
	return strings.ToLower(id), nil
}
