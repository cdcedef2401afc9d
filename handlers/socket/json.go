package socket

import (
	"errors"
	"net"

	"chatserver/chat"
	"chatserver/chatv1"
	"chatserver/ws"
)

// jsonFrames speaks chat.v1: each text message is a command.
type jsonFrames struct{ chatv1.Frames }

var (
	_ frames         = jsonFrames{}
	_ chatv1.Session = (*connection)(nil)
)

// onOpen implements frames.
func (f jsonFrames) onOpen(s *Server, conn *connection) error {
	limits := chatv1.Limits{TextBytes: s.options.MaxText, Page: chat.PageLimit.Messages, Rate: s.options.Rate, FrameBytes: f.Size}
	chatv1.Send(conn.Conn(), f.NewWelcome(conn.User, s.Chat.Epoch(), limits))
	return nil
}

// onTextMessage implements frames: it executes a command. An error of the command is sent to
// the client, and the connection stays open. While the queue is long, no further command is
// read, so that a client that requests pages gets them as fast as it reads them.
func (f jsonFrames) onTextMessage(s *Server, conn *connection, text []byte) error {
	command, err := chatv1.Parse(text)
	conn.ReleaseIfEmpty()
	if err == nil {
		err = f.Execute(s.Chat, conn, command)
	}
	if err != nil {
		if isFatal(err) {
			return err
		}
		s.refuse(conn, command, err)
	}
	return conn.Calm()
}

// isFatal reports whether an error ends the connection, either because it is broken or because
// the close frame carries the error.
func isFatal(err error) bool {
	var (
		reason   chat.Close
		ofSocket ws.Close
	)
	return errors.As(err, &reason) || errors.As(err, &ofSocket) || errors.Is(err, chat.ErrStopping) || errors.Is(err, net.ErrClosed)
}

// refuse answers a command that failed.
func (s *Server) refuse(conn *connection, command chatv1.Command, err error) {
	conn.FrameLimit.Wait()
	refusal := chatv1.Refusal(command, err)
	if refusal.Code == chatv1.CodeInternal {
		s.Log.Error("command failed", "conn", conn.number, "cmd", command.Cmd, "room", command.Room, "error", err)
	}
	s.Denied(refusal.Code)
	chatv1.Send(conn.Conn(), refusal)
}

// answer implements frames. A new message that was delivered needs no other answer.
func (f jsonFrames) answer(conn *connection, change chat.Change, outcome chat.Outcome) {
	_, isNew := change.(chat.Post)
	switch {
	case outcome.Err != nil:
		refusal := f.ChangeRefusal(change, outcome)
		refusal.Room = conn.RoomName(refusal.Room)
		conn.sockets.Denied(refusal.Code)
		chatv1.Send(conn.Conn(), refusal)
	case outcome.Known || !isNew:
		ack := chatv1.NewAck(change, outcome)
		ack.Room = conn.RoomName(ack.Room)
		chatv1.Send(conn.Conn(), ack)
	}
}

// Conn implements chatv1.Session.
func (c *connection) Conn() *chat.Connection { return &c.Connection }

// Admit implements chatv1.Session.
func (c *connection) Admit(rate chatv1.Rate) bool {
	switch rate {
	case chatv1.RatePing:
		c.FrameLimit.Wait()
	case chatv1.RateRead:
		c.sockets.throttleReads(c)
	default:
		c.sockets.throttleMessages(c)
	}
	return rate != chatv1.RateEphemeral || c.sockets.admitsEphemeral(c)
}

// Submit implements chatv1.Session.
func (c *connection) Submit(build func() (chat.Request, error)) error {
	return c.sockets.submit(c, build)
}

// SendMessage implements chatv1.Session.
func (c *connection) SendMessage(traceparent, room string, out chat.Outgoing) error {
	return c.sockets.send(c, traceparent, room, out)
}
