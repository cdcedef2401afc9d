package handlers

import (
	"strconv"

	"chatserver/chat"
)

// textFrames speak the contract of the original guide, byte for byte: one line
// of plain text a frame.
type textFrames struct{}

var _ chat.Frames = textFrames{}

// Append implements chat.Frames.
func (textFrames) Append(dst []byte, event chat.Event) []byte {
	switch e := event.(type) {
	case chat.Said:
		return appendText(dst, e.Message.From, ": ", e.Message.Text)
	case chat.Joined:
		if e.User.Age > 0 {
			return appendText(dst, e.User.Name, " with age ", strconv.Itoa(e.User.Age), " connected to chat")
		}
		return appendText(dst, e.User.Name, " connected to chat")
	case chat.Left:
		return appendText(dst, e.User.Name, " left the chat")
	}
	return dst
}

// appendText adds a text frame of the parts.
func appendText(dst []byte, parts ...string) []byte {
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	dst = appendHeader(dst, opText, length)
	for _, part := range parts {
		dst = append(dst, part...)
	}
	return dst
}
