package handlers

import (
	"context"

	"github.com/gofiber/fiber/v2"
)

// runFairly makes an answer that keeps a processor busy for milliseconds, and compresses
// it, when its address has its turn: see chat.Chat.Turn. The work must not call the
// chat. An address that asks for too many at once is refused with 429.
func (s *Server) runFairly(c *fiber.Ctx, work func() error) error {
	leave, err := s.chat.Turn(context.Background(), s.payer(c))
	if err != nil {
		return tooManyRequests()
	}
	defer leave()
	if err := work(); err != nil {
		return err
	}
	compress(c)
	return nil
}
