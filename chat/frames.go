package chat

import (
	"unicode/utf8"

	"chatserver/jsonstring"
)

const (
	// FrameBytes is the largest payload of a frame in chat.v1 unless the client asked
	// for more. Popular client libraries close the connection on a message of more than
	// 32,768 bytes unless the program raises that limit.
	FrameBytes = 32_000
	// LargeFrameBytes is the limit for clients that asked for more. The largest message
	// (MaxEncoded) fits beside a list of members. There are no sizes in between, because
	// a room encodes its events once for each.
	LargeFrameBytes = 256_000
	// envelope bounds what a frame contains besides texts, HTML and members: field
	// names, the room's slug and title, ids, numbers.
	envelope = 500
	// maxEscape is the number of bytes that JSON needs at most for one byte of text.
	maxEscape = 6
)

// Kind is the framing of a connection.
type Kind uint8

// The kinds of frames; every event is encoded once for each. Kinds is their number.
const (
	PlainText       Kind = iota // the contract of the original guide: Said, Joined and Left
	JSON                        // chat.v1: Said, RoomSnapshot, Backfill, Presence and Typing
	LargeJSON                   // chat.v1 with frames of up to LargeFrameBytes
	TextWithChanges             // plain text that also tells of edits and deletions
	Kinds
)

// String returns the kind's name in logs and metrics, which do not distinguish the two sizes
// of JSON frames.
func (k Kind) String() string {
	return [...]string{PlainText: "text", JSON: "json", LargeJSON: "json", TextWithChanges: "text"}[k]
}

// IsText reports whether the kind is plain text.
func (k Kind) IsText() bool { return k == PlainText || k == TextWithChanges }

// FrameBytes returns the largest payload of a frame of this kind.
func (k Kind) FrameBytes() int {
	if k == LargeJSON {
		return LargeFrameBytes
	}
	return FrameBytes
}

// Sizes of messages in frames. They bound what is encoded; package chatv1 encodes it.

const (
	// maxListedReactions is the number of users in a message's events who reacted to it; of
	// the others there is only the number. See ListedUsers.
	maxListedReactions = 100
	// maxReactionBytes bounds the size of all reactions in a frame: with them, a text of the
	// default limit fits the smaller frames, whatever it consists of.
	maxReactionBytes = 10_000
	// aroundUser, aroundState and aroundEmoji bound the field names, ids and times around a
	// user, around one part of a message's state, and around one emoji.
	aroundUser  = 40
	aroundState = 90
	aroundEmoji = 80
)

// Size returns about how many bytes the message takes in a frame of any kind.
func (m *Message) Size() int { return frameSize(m.From, m.Text, m.HTML) + m.stateSize() }

func frameSize(from, text, html string) int {
	const around = 170 // field names, id, numbers and time
	return around + len(from) + jsonstring.Size(text) + jsonstring.Size(html)
}

// stateSize returns about how many bytes the rest of a message takes: its place in a thread,
// and what happened to it. It is 0 for most messages.
func (m *Message) stateSize() (size int) {
	if m.Thread != 0 {
		size += aroundState
	}
	if m.ReplyTo != 0 {
		size += aroundState
		if m.Quote != nil {
			size += jsonstring.Size(m.Quote.From) + jsonstring.Size(m.Quote.Text)
		}
	}
	if !m.EditedAt.IsZero() {
		size += aroundState
	}
	if m.Deleted != nil {
		size += aroundState + userSize(m.Deleted.By) + jsonstring.Size(m.Deleted.Reason)
	}
	if m.Moved != nil {
		size += aroundState + userSize(m.Moved.By)
	}
	if m.Pinned != nil {
		size += aroundState + userSize(m.Pinned.By)
	}
	if m.Replies != nil {
		size += aroundState + usersSize(m.Replies.Users)
	}
	return size + m.reactionsSize(m.ListedUsers())
}

// reactionsSize returns about how many bytes the reactions take with so many users of each.
func (m *Message) reactionsSize(listed int) (size int) {
	for _, reaction := range m.Reactions {
		size += aroundEmoji + usersSize(reaction.Users[:min(listed, len(reaction.Users))])
	}
	return size
}

// ListedUsers returns how many users of each reaction are part of the message's events: so
// many that all reactions together list at most about a hundred, and fewer if their names are
// very long.
func (m *Message) ListedUsers() (listed int) {
	if len(m.Reactions) == 0 {
		return 0
	}
	for listed = max(1, maxListedReactions/len(m.Reactions)); listed > 0 && m.reactionsSize(listed) > maxReactionBytes; listed /= 2 {
	}
	return listed
}

func userSize(user UserRef) int { return aroundUser + jsonstring.Size(user.Name) }

func usersSize(users []UserRef) (size int) {
	for _, user := range users {
		size += userSize(user)
	}
	return size
}

// Fit returns the message as it is sent in a frame whose payload has at most frame
// bytes. If the message is too large, its HTML is left out and clients show the text.
// A text that is too large on its own is cut, and TextBytes holds its full length. That
// needs a --max-text above 15,000, or many reactions to a text of which JSON escapes much.
func (m Message) Fit(frame int) Message {
	limit := frame - envelope
	if maxEscape*(len(m.Text)+len(m.HTML))+m.stateSize() <= limit-envelope || m.Size() <= limit {
		return m
	}
	m.HTML, m.HTMLVersion = "", 0
	if m.Size() <= limit {
		return m
	}
	m.TextBytes = len(m.Text)
	m.Text = m.Text[:encodedPrefix(m.Text, limit-m.Size()+jsonstring.Size(m.Text))]
	return m
}

// encodedPrefix returns the length of the longest prefix of text that needs at most
// limit bytes in JSON. It never splits a character.
func encodedPrefix(text string, limit int) (end int) {
	for i, r := range text {
		size := max(utf8.RuneLen(r), 1)
		if limit -= jsonstring.Size(text[i : i+size]); limit < 0 {
			return i
		}
	}
	return len(text)
}
