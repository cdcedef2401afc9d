package pages

import (
	"context"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
)

// aroundMessage is how many messages before and after the message of a permalink its page
// contains.
const aroundMessage = 25

// MessagePage renders the page of a room around one message: what a permalink opens. It works
// without scripts. The page's modules begin with the newest messages, as on every page, and
// find the message by the page's address.
func (s *Server) MessagePage(c *fiber.Ctx) error {
	room, seq, err := s.messageOf(c)
	if err != nil {
		return err
	}
	if path := s.Base.At("/rooms/" + room.Address + "/" + strconv.FormatInt(seq, 10)); path != string(c.Context().URI().PathOriginal()) {
		return room.redirect(c, path)
	}
	messages, err := s.messagesAround(c, chat.Ref{Room: room.ID, Seq: seq})
	if err != nil {
		return err
	}
	if path, moved := s.movedTo(c, messages, seq); moved {
		return redirectWithQuery(c, path, fiber.StatusTemporaryRedirect) // it may come back
	}
	return s.renderAround(c, room.RoomInfo, messages, seq)
}

func (s *Server) renderAround(c *fiber.Ctx, room *chat.RoomInfo, messages []chat.Message, seq int64) error {
	view := s.newRoomView(c, room)
	view.Transcript = s.transcriptAround(messages, seq, view.Zone)
	return s.renderRoom(c, view)
}

// messagesAround returns a message and those before and after it.
func (s *Server) messagesAround(c *fiber.Ctx, ref chat.Ref) ([]chat.Message, error) {
	ctx, cancel := context.WithTimeout(context.Background(), renderTimeout)
	defer cancel()
	page, err := s.Chat.Around(ctx, s.Actor(c), ref, aroundMessage)
	return page.Messages, err
}

// movedTo returns the path of the place that a message was moved to, if it was and the reader
// may read it there. Otherwise the page shows the stub.
func (s *Server) movedTo(c *fiber.Ctx, messages []chat.Message, seq int64) (path string, moved bool) {
	ctx, cancel := context.WithTimeout(context.Background(), renderTimeout)
	defer cancel()
	for _, m := range messages {
		if m.Seq == seq && m.Deleted != nil && m.Deleted.To != nil {
			to, err := s.Chat.Whereabouts(ctx, s.Actor(c), m)
			return s.Base.At("/rooms/" + to.Room + "/" + strconv.FormatInt(to.Seq, 10)), err == nil
		}
	}
	return "", false
}

// messageOf returns the message of the URL: its room and its seq.
func (s *Server) messageOf(c *fiber.Ctx) (room roomAt, seq int64, err error) {
	if room, err = s.roomOf(c); err != nil {
		return room, 0, err
	}
	seq, err = strconv.ParseInt(c.Params("seq"), 10, 64)
	if err != nil || seq < 1 {
		return room, 0, chat.ErrNoMessage
	}
	return room, seq, nil
}

// transcriptAround returns a transcript of messages in which the one with the given seq is
// highlighted.
func (s *Server) transcriptAround(messages []chat.Message, seq int64, zone *time.Location) *transcript {
	t := &transcript{Rows: s.rowsOf(messages, zone)}
	for _, row := range t.Rows {
		if row.Message != nil {
			row.Message.Lit = row.Message.Seq == seq
		}
	}
	return t
}
