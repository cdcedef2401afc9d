package handlers

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
	"chatserver/locales"
)

// retryAfter is how many seconds somebody who was refused should wait.
const retryAfter = 5

// refusal is why a request is refused: a status and a sentence.
type refusal struct {
	status int
	reason string
}

func (r *refusal) Error() string { return r.reason }

func refuse(status int, reason string) error { return &refusal{status, reason} }

// statusFor is the one place that turns an error into an HTTP status. A status
// of 500 is one that nobody was meant to see.
func statusFor(err error) int {
	var (
		invalid  *chat.Invalid
		refused  *refusal
		byRouter *fiber.Error
	)
	switch {
	case errors.As(err, &refused):
		return refused.status
	case errors.As(err, &invalid):
		return fiber.StatusBadRequest
	case errors.Is(err, chat.ErrNameTaken):
		return fiber.StatusConflict
	case errors.Is(err, chat.ErrAddressFull):
		return fiber.StatusTooManyRequests
	case errors.Is(err, chat.ErrFull), errors.Is(err, chat.ErrStopping), errors.Is(err, chat.ErrNameCheckFailed):
		return fiber.StatusServiceUnavailable
	case errors.As(err, &byRouter):
		return byRouter.Code
	default:
		return fiber.StatusInternalServerError
	}
}

// closeFor is the one place that turns an error into a close frame. It is zero
// for an error of the connection itself: there is nobody left to tell.
func closeFor(err error) chat.Close {
	var (
		reason chat.Close
		byPeer closedByPeer
	)
	switch {
	case errors.As(err, &reason):
		return reason
	case errors.As(err, &byPeer):
		return chat.Close{Code: byPeer.code}
	case errors.Is(err, chat.ErrStopping):
		return chat.CloseGoingAway
	case errors.Is(err, chat.ErrNameTaken), errors.Is(err, chat.ErrAddressFull), errors.Is(err, chat.ErrTooManyRooms), errors.Is(err, chat.ErrTooManyNewRooms):
		return chat.Close{Code: chat.ClosePolicy.Code, Reason: err.Error()}
	case errors.Is(err, chat.ErrFull), errors.Is(err, chat.ErrNameCheckFailed):
		return chat.Close{Code: chat.CloseTooSlow.Code, Reason: err.Error()}
	case errors.Is(err, chat.ErrShortOnly):
		return chat.CloseShortOnly
	case errors.Is(err, chat.ErrNoNewRooms):
		return chat.CloseNoNewRooms
	case errors.Is(err, chat.ErrNotStored), errors.Is(err, chat.ErrBusy):
		return chat.CloseNotStored
	default:
		return chat.Close{}
	}
}

// codeInternal is the code of an error that nobody was meant to see.
const codeInternal = "internal"

// codeFor is the one place that turns an error into the code and the sentence of
// an error event of chat.v1. The codes are a closed list.
func codeFor(err error) (code, message string) {
	var (
		invalid *chat.Invalid
		tooLong *chat.TooLong
		command *commandError
		slow    *overBudget
	)
	switch {
	case errors.As(err, &command):
		code = command.code
	case errors.As(err, &invalid):
		code = "invalid"
	case errors.As(err, &tooLong):
		code = "too_long"
	case errors.As(err, &slow):
		code = "slow_down"
	case errors.Is(err, chat.ErrEmpty):
		code = "empty"
	case errors.Is(err, chat.ErrNotJoined):
		code = "not_joined"
	case errors.Is(err, chat.ErrIDConflict):
		code = "id_conflict"
	case errors.Is(err, chat.ErrTooManyRooms), errors.Is(err, chat.ErrTooManyNewRooms), errors.Is(err, chat.ErrTooManyJoined):
		code = "too_many_rooms"
	case errors.Is(err, chat.ErrNotStored), errors.Is(err, chat.ErrShortOnly), errors.Is(err, chat.ErrNoNewRooms):
		code = "not_stored"
	case errors.Is(err, chat.ErrBusy):
		code = "busy"
	default:
		return codeInternal, reasonInternal
	}
	return code, sentence(err.Error())
}

// detailFor says which cause of a code it was, where a client can do something else about
// it than about the others; empty otherwise. Clients may ignore it.
func detailFor(err error) string {
	switch {
	case errors.Is(err, chat.ErrShortOnly):
		return "short_only"
	case errors.Is(err, chat.ErrNoNewRooms):
		return "no_new_rooms"
	default:
		return ""
	}
}

// The reasons that people may read on a page. Each is in locales/, see TestEveryRefusalIsSaidInEveryLanguage.
const (
	reasonInternal  = "Something went wrong. Try again in a moment."
	reasonNotFound  = "Page not found. The chat is at %s."
	reasonMethod    = "This URL does not support this request method."
	reasonTooMany   = "Too many requests from your address. Try again in a moment."
	reasonNotReady  = "The chat is temporarily unavailable: see the server's log."
	reasonAmbiguous = "This HTTP request is ambiguous."
	reasonLongLink  = "The room's link is too long for a QR code."
)

// answerError is Fiber's error handler. It answers a browser that shows a document with a
// page, and everything else with one sentence of plain text.
func (s *Server) answerError(c *fiber.Ctx, err error) error {
	status, locale := statusFor(err), s.localeOf(c)
	onPage := c.App() == s.public && wantsDocument(c)
	reason, where := localize(locale, err), []any{s.base.at("/")}
	if onPage {
		reason, where = localizeForPage(locale, err), locales.Named(where)
	}
	switch status {
	case fiber.StatusInternalServerError:
		s.log.Error("request failed", "path", c.Path(), "error", err)
		reason = locale.Sentence(reasonInternal)
	case fiber.StatusMethodNotAllowed:
		reason = locale.Sentence(reasonMethod)
	case fiber.StatusNotFound:
		reason = locale.Sentence(reasonNotFound, where...)
	case fiber.StatusTooManyRequests, fiber.StatusServiceUnavailable:
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(retryAfter))
		c.Context().SetConnectionClose() // or whoever is refused would hold a descriptor still
	}
	secure(c) // also what no route of a page refuses
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Vary(fiber.HeaderAccept, headerFetchDest, headerFetchMode)
	c.Status(status)
	if onPage && s.errorPage(c, status, reason) == nil {
		return nil
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8) // a page that failed has left its own
	return c.SendString(reason + "\n")
}

// sentence makes one of an error's text: they begin small, as Go's errors do.
func sentence(text string) string {
	if text == "" {
		return text
	}
	if text[0] >= 'a' && text[0] <= 'z' {
		text = string(text[0]-'a'+'A') + text[1:]
	}
	if last := text[len(text)-1]; last != '.' && last != '!' && last != '?' {
		text += "."
	}
	return text
}
