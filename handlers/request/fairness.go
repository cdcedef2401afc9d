package request

import (
	"context"

	"github.com/gofiber/fiber/v2"
)

// RunFairly runs work that takes milliseconds of CPU when it is its address's turn (see
// chat.Chat.Turn), and compresses the response. The work must not call the chat. It answers
// 429 to an address with too many of them waiting.
func (s *Site) RunFairly(c *fiber.Ctx, work func() error) error {
	leave, err := s.Chat.Turn(context.Background(), s.Actor(c).Payer())
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
