package request

import (
	"errors"
	"strings"

	"chatserver/chat"
	"chatserver/chatv1"
	"chatserver/locales"
)

// formatTooLong is the sentence for chat.TooLong.
const formatTooLong = "A message has at most %d bytes; this one has %d."

// Localize returns the sentence of an error in the reader's language, or in English if there
// is no translation. Programs get codes, which are always English: see package chatv1.
func Localize(locale *locales.Locale, err error) string {
	format, args := sentenceOf(err)
	return chatv1.Sentence(locale.Sentence(format, args...))
}

// LocalizeForPage is localize for the page: it marks the names, addresses and code in the
// sentence.
func LocalizeForPage(locale *locales.Locale, err error) string {
	format, args := sentenceOf(err)
	return chatv1.Sentence(locale.Sentence(format, locales.Named(args)...))
}

// sentenceOf returns the English format of an error's sentence and its arguments.
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
