package socket

import (
	"cmp"
	"context"
	"errors"
	"strconv"

	"chatserver/chat"
	"chatserver/ws"
)

// textFrames is the framing of the original guide, byte for byte: one line of plain text per
// frame.
type textFrames struct {
	changes bool // whether edits and deletions are sent, too
}

var _ frames = textFrames{}

// Append implements chat.Frames.
func (f textFrames) Append(dst []byte, event chat.Event) []byte {
	switch e := event.(type) {
	case chat.Said:
		if e.Message.Rev != e.Message.Seq && !e.New || e.Message.Deleted != nil {
			return f.appendChange(dst, &e)
		}
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

// appendChange appends the line of an edit or deletion of one of the room's last messages, if
// the connection wants changes. Plain text has nothing else that happens to a message.
func (f textFrames) appendChange(dst []byte, e *chat.Said) []byte {
	m := &e.Message
	switch {
	case !f.changes || !e.Recent || m.TextRev != m.Rev:
		return dst
	case m.Deleted != nil && m.Deleted.To != nil:
		return appendText(dst, cmp.Or(m.Deleted.By.Name, "The operator"), " moved a message to another room")
	case m.Deleted != nil:
		return appendText(dst, m.Deleted.By.Name, " deleted a message")
	default:
		return appendText(dst, m.From, " edited: ", m.Text)
	}
}

// onOpen implements frames: it joins the room of the URL and sends its history.
func (textFrames) onOpen(s *Server, conn *connection) error {
	return s.Chat.JoinWithHistory(context.Background(), &conn.Connection, conn.room, conn.history)
}

// onTextMessage implements frames: it sends the text to the room as a message.
func (textFrames) onTextMessage(s *Server, conn *connection, text []byte) error {
	message := string(text)
	conn.ReleaseIfEmpty()
	s.throttleMessages(conn)
	if err := conn.Ended(); err != nil {
		return err // the connection ended while it was throttled
	}
	err := s.send(conn, "", conn.room, chat.Outgoing{Text: message})
	var invalid *chat.Invalid
	switch {
	case errors.Is(err, chat.ErrEmpty):
		return nil // the guide's protocol ignores empty messages
	case errors.As(err, &invalid):
		return chat.CloseControl // the reader has already refused other invalid text
	}
	return err
}

// answer implements frames: the message itself is the acknowledgement, and a message that was
// not stored ends the connection.
func (textFrames) answer(conn *connection, _ chat.Change, outcome chat.Outcome) {
	if outcome.Err != nil {
		conn.Close(chat.Close(closeFor(outcome.Err)))
	}
}

// appendText appends a text frame with the concatenated parts.
func appendText(dst []byte, parts ...string) []byte {
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	dst = ws.AppendHeader(dst, ws.OpText, length)
	for _, part := range parts {
		dst = append(dst, part...)
	}
	return dst
}
