package pages

import (
	"context"
	"strconv"

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
	room, err := roomOf(c)
	if err != nil {
		return err
	}
	seq, err := strconv.ParseInt(c.Params("seq"), 10, 64)
	if err != nil || seq < 1 {
		return chat.ErrNoMessage
	}
	if path := s.Base.At("/rooms/" + room + "/" + strconv.FormatInt(seq, 10)); path != string(c.Context().URI().PathOriginal()) {
		return redirectToRoom(c, path)
	}
	ctx, cancel := context.WithTimeout(context.Background(), renderTimeout)
	defer cancel()
	page, err := s.Chat.Around(ctx, s.Actor(c), chat.Ref{Room: room, Seq: seq}, aroundMessage)
	if err != nil {
		return err
	}
	view := s.newRoomView(c, room)
	view.Transcript = &transcript{Rows: s.rowsOf(page.Messages, view.Zone)}
	for _, row := range view.Transcript.Rows {
		if row.Message != nil {
			row.Message.Lit = row.Message.Seq == seq
		}
	}
	return s.renderRoom(c, view)
}
