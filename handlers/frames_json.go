package handlers

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"chatserver/chat"
)

// jsonProtocol is the WebSocket subprotocol of the connections that speak JSON:
// one object a text frame. docs/protocol.md has all of it.
const jsonProtocol = "chat.v1"

// timeFormat is RFC 3339 in UTC, to the millisecond.
const timeFormat = "2006-01-02T15:04:05.000Z"

// jsonFrames speak chat.v1. What rooms hear is here, what is understood and what it
// is answered with in commands_json.go. What is written often, or is long, is
// written field by field: encoding/json would take four times as long. No payload is
// larger than size bytes; frames_json_members.go splits long lists of members.
type jsonFrames struct {
	shortIDs *ShortIDs
	size     int
}

var _ frames = jsonFrames{}

// Append implements chat.Frames.
func (f jsonFrames) Append(dst []byte, event chat.Event) []byte {
	switch e := event.(type) {
	case chat.Joined, chat.Left: // Presence tells it
		return dst
	case chat.RoomSnapshot:
		return f.appendSnapshot(dst, &e)
	case chat.Presence:
		return f.appendPresence(dst, &e)
	}
	dst, at := beginFrame(dst)
	switch e := event.(type) {
	case chat.Said:
		message := e.Message.Fit(f.size)
		dst = append(dst, `{"event":"message","room":`...)
		dst = f.appendMessage(appendString(dst, message.Room), &message)
	case chat.Backfill:
		dst = append(dst, `{"event":"changes","room":`...)
		dst = appendInt(appendString(dst, e.Room), "since", e.Page.Since)
		dst = f.appendMessages(appendInt(dst, "rev", e.Page.Rev), e.Page.Messages)
	case chat.Typing:
		dst = append(dst, `{"event":"typing","room":`...)
		dst = append(appendString(dst, e.Room), `,"from":`...)
		dst = appendString(dst, e.From)
	}
	return endFrame(append(dst, '}'), at)
}

// appendMessage adds the fields of a message after its room.
func (f jsonFrames) appendMessage(dst []byte, m *chat.Message) []byte {
	dst = append(dst, `,"id":`...)
	dst = appendInt(appendString(dst, m.ID), "seq", m.Seq)
	dst = append(appendInt(dst, "rev", m.Rev), `,"from":`...)
	dst = appendString(dst, m.From)
	if m.AuthorID != "" { // messages of before there were any have none
		dst = append(f.shortIDs.append(append(dst, `,"author":"`...), m.AuthorID), '"')
	}
	dst = appendString(append(dst, `,"text":`...), m.Text)
	if m.TextBytes > 0 {
		dst = appendInt(dst, "text_bytes", int64(m.TextBytes))
	}
	if m.HTML != "" { // otherwise it is the text in a paragraph, or too large
		dst = appendString(append(dst, `,"html":`...), m.HTML)
	}
	dst = append(dst, `,"at":"`...)
	return append(m.At.UTC().AppendFormat(dst, timeFormat), '"')
}

// appendMessages adds the messages of a page, which have no room of their own.
func (f jsonFrames) appendMessages(dst []byte, messages []chat.Message) []byte {
	dst = append(dst, `,"messages":[`...)
	for i := range messages {
		if i > 0 {
			dst = append(dst, ',')
		}
		first := len(dst)
		message := messages[i].Fit(f.size)
		dst = append(f.appendMessage(dst, &message), '}')
		dst[first] = '{' // instead of a comma
	}
	return append(dst, ']')
}

func appendInt(dst []byte, field string, value int64) []byte {
	dst = append(append(append(dst, ',', '"'), field...), '"', ':')
	return strconv.AppendInt(dst, value, 10)
}

func appendBool(dst []byte, field string, value bool) []byte {
	dst = append(append(append(dst, ',', '"'), field...), '"', ':')
	return strconv.AppendBool(dst, value)
}

// appendString adds a string as JSON writes it. Most are written as they are, or with
// a backslash before the quotes of HTML and the ends of lines; of the others
// encoding/json knows best. The two separators of lines may stand in JSON but not in
// JavaScript, so encoding/json escapes them.
func appendString(dst []byte, s string) []byte {
	if !utf8.ValidString(s) || strings.Contains(s, "\u2028") || strings.Contains(s, "\u2029") {
		return appendEncoded(dst, s)
	}
	at := len(dst)
	dst = append(dst, '"')
	for rest := s; ; {
		n := chat.Unescaped(rest)
		dst = append(dst, rest[:n]...)
		if n == len(rest) {
			return append(dst, '"')
		}
		escape := escapeOf[rest[n]]
		if escape == 1 {
			return appendEncoded(dst[:at], s)
		}
		dst = append(dst, '\\', escape)
		rest = rest[n+1:]
	}
}

// escapeOf is what stands after the backslash for a byte, 1 if that is more than a
// byte, and 0 if there is none.
var escapeOf = func() (escapes [256]byte) {
	for control := range ' ' {
		escapes[control] = 1
	}
	for b, escape := range map[byte]byte{'"': '"', '\\': '\\', '\n': 'n', '\t': 't', '\r': 'r', '\b': 'b', '\f': 'f'} {
		escapes[b] = escape
	}
	return escapes
}()

// appendEncoded adds a value as encoding/json writes it.
func appendEncoded(dst []byte, value any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // a page shows it as text; escapes would only make it longer
	if err := encoder.Encode(value); err != nil {
		panic(err) // every value of ours can be encoded
	}
	return append(dst, bytes.TrimSuffix(text.Bytes(), []byte("\n"))...)
}

// appendJSON adds a text frame that holds a value.
func appendJSON(dst []byte, value any) []byte {
	dst, at := beginFrame(dst)
	return endFrame(appendEncoded(dst, value), at)
}
