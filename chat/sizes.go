package chat

import (
	"strings"
	"unicode/utf8"
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
	return around + len(from) + EncodedSize(text) + EncodedSize(html)
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
			size += EncodedSize(m.Quote.From) + EncodedSize(m.Quote.Text)
		}
	}
	if !m.EditedAt.IsZero() {
		size += aroundState
	}
	if m.Deleted != nil {
		size += aroundState + userSize(m.Deleted.By) + EncodedSize(m.Deleted.Reason)
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

func userSize(user UserRef) int { return aroundUser + EncodedSize(user.Name) }

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
	m.Text = m.Text[:encodedPrefix(m.Text, limit-m.Size()+EncodedSize(m.Text))]
	return m
}

// encodedPrefix returns the length of the longest prefix of text that needs at most
// limit bytes in JSON. It never splits a character.
func encodedPrefix(text string, limit int) (end int) {
	for i, r := range text {
		size := max(utf8.RuneLen(r), 1)
		if limit -= EncodedSize(text[i : i+size]); limit < 0 {
			return i
		}
	}
	return len(text)
}

// EncodedSize returns the size in bytes of a UTF-8 text in JSON, without the quotes around
// it. Most control characters and both line separators take six bytes.
func EncodedSize(text string) int {
	size := len(text)
	if HasLineSeparator(text) {
		size += 3 * (strings.Count(text, "\u2028") + strings.Count(text, "\u2029"))
	}
	for i := Unescaped(text); i < len(text); i += 1 + Unescaped(text[i+1:]) {
		size += int(escapes[text[i]])
	}
	return size
}

// HasLineSeparator reports whether a text has U+2028 or U+2029. They may stand in JSON but
// not in JavaScript, so encoding/json escapes them. Most texts lack their first byte, which
// is found faster.
func HasLineSeparator(text string) bool {
	i := strings.IndexByte(text, "\u2028"[0])
	return i >= 0 && strings.ContainsAny(text[i:], "\u2028\u2029")
}

// escapes is the number of additional bytes that JSON needs for a byte.
var escapes = func() (more [256]uint8) {
	for b := range ' ' {
		more[b] = 5
	}
	for _, b := range "\"\\\n\t\r\b\f" {
		more[b] = 1
	}
	return more
}()

// Unescaped returns the length of the longest prefix of a text in which JSON escapes no
// byte: no quote, backslash or control character. It does not stop at the line separators
// U+2028 and U+2029, although encoding/json escapes them. Every message is scanned more than
// once, so it checks eight bytes at a time.
func Unescaped(text string) (n int) {
	for n+8 <= len(text) && noneEscaped(text[n:n+8]) {
		n += 8
	}
	for n < len(text) && escapes[text[n]] == 0 {
		n++
	}
	return n
}

// noneEscaped reports whether JSON escapes none of eight bytes. Subtracting one from a zero
// byte borrows, which sets its highest bit whatever the bytes above contain; see H. S.
// Warren, Hacker's Delight, 2nd edition, §6-1.
func noneEscaped(s string) bool {
	_ = s[7] // a single bounds check, and a single load
	w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	const ones, highest = 0x0101010101010101, 0x8080808080808080
	quote, backslash := w^ones*'"', w^ones*'\\'
	return ((w-ones*' ')&^w|(quote-ones)&^quote|(backslash-ones)&^backslash)&highest == 0
}
