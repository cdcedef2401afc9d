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

// localize is what somebody reads of an error, in their language if it has the
// sentence. What programs read is always English: see codeFor.
func localize(locale *locales.Locale, err error) string {
	format, args := sentenceOf(err)
	return sentence(locale.Sentence(format, args...))
}

// localizeForPage is say for the page, which marks the names, addresses, and code in it.
func localizeForPage(locale *locales.Locale, err error) string {
	format, args := sentenceOf(err)
	return sentence(locale.Sentence(format, locales.Named(args)...))
}

// sentenceOf is the English format of an error's sentence and what is put into it.
func sentenceOf(err error) (format string, args []any) {
	var (
		invalid *chat.Invalid
		tooLong *chat.TooLong
		tooLike *chat.NameTooSimilar
		kept    *chat.NameKept
	)
	switch {
	case errors.As(err, &invalid):
		return invalid.Format, invalid.Args
	case errors.As(err, &tooLong):
		return formatTooLong, []any{tooLong.Limit, tooLong.Size}
	case errors.As(err, &tooLike):
		return chat.FormatTooSimilar, []any{tooLike.Name}
	case errors.As(err, &kept):
		return chat.FormatNameKept, []any{kept.Name}
	default:
		return strings.ReplaceAll(err.Error(), "%", "%%"), nil
	}
}

// localeOf is the language of whoever reads the answer. A handshake and whatever
// else no browser shows is answered in English, the same for everybody.
func (s *Server) localeOf(c *fiber.Ctx) *locales.Locale {
	if !wantsDocument(c) {
		return locales.All()[0]
	}
	return s.pageLocale(c)
}
