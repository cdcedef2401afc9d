package chat

import "unicode/utf8"

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

// Fit returns the message as it is sent in a frame whose payload has at most frame
// bytes. If the message is too large, its HTML is left out and clients show the text.
// A text that is too large on its own is cut, and TextBytes holds its full length. That
// needs a --max-text above 15,000.
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
