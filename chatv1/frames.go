// Package chatv1 is the protocol chat.v1, in which programs and the page speak to the chat:
// docs/protocol.md specifies it. It knows the chat, but neither HTTP nor sockets.
package chatv1

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"chatserver/chat"
	"chatserver/jsonstring"
	"chatserver/ws"
)

// Protocol is the WebSocket subprotocol for JSON: one object per text frame.
// docs/protocol.md specifies it.
const Protocol = "chat.v1"

// TimeFormat is RFC 3339 in UTC, to the millisecond.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// Frames is the framing of chat.v1: it encodes the events of rooms. Frequent and long events are encoded field by field:
// encoding/json would take four times as long. No payload exceeds Size bytes;
// members.go splits long lists of members.
type Frames struct {
	ShortIDs *ShortIDs
	Size     int
}

var _ chat.Frames = Frames{}

// Append implements chat.Frames.
func (f Frames) Append(dst []byte, event chat.Event) []byte {
	switch e := event.(type) {
	case chat.Joined, chat.Left: // sent as chat.Presence
		return dst
	case chat.RoomSnapshot:
		return f.appendSnapshot(dst, &e)
	case chat.Presence:
		return f.appendPresence(dst, &e)
	}
	dst, at := ws.BeginFrame(dst)
	switch e := event.(type) {
	case chat.Said:
		message := e.Message.Fit(f.Size)
		dst = append(dst, `{"event":"message","room":`...)
		dst = f.appendMessage(appendString(dst, message.Room), &message)
	case chat.Backfill:
		dst = append(dst, `{"event":"changes","room":`...)
		dst = appendInt(appendString(dst, e.Room), "since", e.Page.Since)
		dst = f.appendMessages(appendInt(dst, "rev", e.Page.Rev), e.Page.Messages)
	case chat.Renamed:
		dst = append(dst, `{"event":"renamed","room":`...)
		dst = append(appendString(dst, e.Room), `,"address":`...)
		dst = appendString(append(appendString(dst, e.Address), `,"title":`...), e.Title)
	case chat.Typing:
		dst = append(dst, `{"event":"typing","room":`...)
		dst = append(appendString(dst, e.Room), `,"from":`...)
		dst = appendString(dst, e.From)
	}
	return ws.EndFrame(append(dst, '}'), at)
}

// appendMessage appends the fields of a message that follow its room.
func (f Frames) appendMessage(dst []byte, m *chat.Message) []byte {
	dst = append(dst, `,"id":`...)
	dst = appendInt(appendString(dst, m.ID), "seq", m.Seq)
	dst = append(appendInt(dst, "rev", m.Rev), `,"from":`...)
	dst = appendString(dst, m.From)
	if m.AuthorID != "" { // messages stored before authors had IDs have none
		dst = append(f.ShortIDs.append(append(dst, `,"author":"`...), m.AuthorID), '"')
	}
	dst = appendString(append(dst, `,"text":`...), m.Text)
	if m.TextBytes > 0 {
		dst = appendInt(dst, "text_bytes", int64(m.TextBytes))
	}
	if m.HTML != "" { // left out if it is only the text in a paragraph, or too large
		dst = appendString(append(dst, `,"html":`...), m.HTML)
	}
	dst = append(dst, `,"at":"`...)
	return f.appendState(append(m.At.UTC().AppendFormat(dst, TimeFormat), '"'), m)
}

// appendMessages appends the messages of a page, without the room, which the page has.
func (f Frames) appendMessages(dst []byte, messages []chat.Message) []byte {
	dst = append(dst, `,"messages":[`...)
	for i := range messages {
		if i > 0 {
			dst = append(dst, ',')
		}
		first := len(dst)
		message := messages[i].Fit(f.Size)
		dst = append(f.appendMessage(dst, &message), '}')
		dst[first] = '{' // instead of a comma
	}
	return append(dst, ']')
}

// appendHistory appends the answer to a history command: the messages before a seq.
func (f Frames) appendHistory(dst []byte, room string, before int64, page chat.Page) []byte {
	dst, at := ws.BeginFrame(dst)
	dst = append(dst, `{"event":"history","room":`...)
	dst = appendInt(appendString(dst, room), "before", before)
	dst = appendBool(f.appendMessages(dst, page.Messages), "more", page.More)
	return ws.EndFrame(append(dst, '}'), at)
}

// appendAddress appends the address of a room, unless it is the room's id.
func appendAddress(dst []byte, id, address string) []byte {
	if address == "" || address == id {
		return dst
	}
	return appendString(append(dst, `,"address":`...), address)
}

func appendInt(dst []byte, field string, value int64) []byte {
	dst = append(append(append(dst, ',', '"'), field...), '"', ':')
	return strconv.AppendInt(dst, value, 10)
}

func appendBool(dst []byte, field string, value bool) []byte {
	dst = append(append(append(dst, ',', '"'), field...), '"', ':')
	return strconv.AppendBool(dst, value)
}

// appendString appends a JSON string. Most strings need no escapes, or only those for quotes
// and line ends; encoding/json handles the rest. It also escapes the two Unicode line
// separators, which JSON allows but older JavaScript does not.
func appendString(dst []byte, s string) []byte {
	if !utf8.ValidString(s) || jsonstring.HasLineSeparator(s) {
		return appendEncoded(dst, s)
	}
	at := len(dst)
	dst = append(dst, '"')
	for rest := s; ; {
		n := jsonstring.Unescaped(rest)
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

// escapeOf maps a byte to the character after the backslash that escapes it, to 1 if the
// escape is longer, and to 0 if the byte needs none.
var escapeOf = func() (escapes [256]byte) {
	for control := range ' ' {
		escapes[control] = 1
	}
	for b, escape := range map[byte]byte{'"': '"', '\\': '\\', '\n': 'n', '\t': 't', '\r': 'r', '\b': 'b', '\f': 'f'} {
		escapes[b] = escape
	}
	return escapes
}()

// appendEncoded appends a value as encoding/json encodes it.
func appendEncoded(dst []byte, value any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // pages insert it as text; escapes would only add bytes
	if err := encoder.Encode(value); err != nil {
		panic(err) // all values that are passed here can be encoded
	}
	return append(dst, bytes.TrimSuffix(text.Bytes(), []byte("\n"))...)
}

// AppendEvent appends a text frame with an event that is encoded by encoding/json.
func AppendEvent(dst []byte, value any) []byte {
	dst, at := ws.BeginFrame(dst)
	return ws.EndFrame(appendEncoded(dst, value), at)
}
