package handlers

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
	"chatserver/locales"
)

// formatTooLong is how chat.TooLong says it.
const formatTooLong = "A message has at most %d bytes; this one has %d."

// say is what somebody reads of an error, in their language if it has the
// sentence. What programs read is always English: see codeFor.
func say(locale *locales.Locale, err error) string {
	var (
		invalid *chat.Invalid
		tooLong *chat.TooLong
		tooLike *chat.NameTooLike
		kept    *chat.NameKept
	)
	switch {
	case errors.As(err, &invalid):
		return sentence(locale.Sentence(invalid.Format, invalid.Args...))
	case errors.As(err, &tooLong):
		return sentence(locale.Sentence(formatTooLong, tooLong.Limit, tooLong.Size))
	case errors.As(err, &tooLike):
		return sentence(locale.Sentence(chat.FormatTooLike, tooLike.Name))
	case errors.As(err, &kept):
		return sentence(locale.Sentence(chat.FormatNameKept, kept.Name))
	default:
		return sentence(locale.Sentence(strings.ReplaceAll(err.Error(), "%", "%%")))
	}
}

// localeOf is the language of whoever reads the answer. A handshake and whatever
// else no browser shows is answered in English, the same for everybody.
func (s *Server) localeOf(c *fiber.Ctx) *locales.Locale {
	if !wantsDocument(c) {
		return locales.All()[0]
	}
	return s.readerOf(c)
}
