package handlers

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
	"chatserver/locales"
	"chatserver/ws"
)

// retryAfter is the value of Retry-After in refusals, in seconds.
const retryAfter = 5

// refusal is the error of a refused request: a status and a sentence.
type refusal struct {
	status int
	reason string
}

func (r *refusal) Error() string { return r.reason }

func refuse(status int, reason string) error { return &refusal{status, reason} }

// statusFor maps an error to an HTTP status; it is the only place that does. An error that is
// not listed becomes 500.
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

// closeFor maps an error to a close frame; it is the only place that does. It returns the zero
// Close for an error of the connection itself, which can no longer carry one.
func closeFor(err error) ws.Close {
	var (
		reason   chat.Close
		ofSocket ws.Close
		byPeer   ws.ClosedByPeer
	)
	switch {
	case errors.As(err, &reason):
		return ws.Close(reason)
	case errors.As(err, &ofSocket):
		return ofSocket
	case errors.As(err, &byPeer):
		return ws.Close{Code: byPeer.Code}
	case errors.Is(err, chat.ErrStopping):
		return ws.Close(chat.CloseGoingAway)
	case errors.Is(err, chat.ErrNameTaken), errors.Is(err, chat.ErrAddressFull), errors.Is(err, chat.ErrTooManyRooms), errors.Is(err, chat.ErrTooManyNewRooms):
		return ws.Close{Code: chat.ClosePolicy.Code, Reason: err.Error()}
	case errors.Is(err, chat.ErrFull), errors.Is(err, chat.ErrNameCheckFailed):
		return ws.Close{Code: ws.CodeTryLater, Reason: err.Error()}
	case errors.Is(err, chat.ErrShortOnly):
		return ws.Close(chat.CloseShortOnly)
	case errors.Is(err, chat.ErrNoNewRooms):
		return ws.Close(chat.CloseNoNewRooms)
	case errors.Is(err, chat.ErrNotStored), errors.Is(err, chat.ErrBusy):
		return ws.Close(chat.CloseNotStored)
	default:
		return ws.Close{}
	}
}

// The reasons that pages may show. Each is translated in locales/, see
// TestEveryRefusalIsTranslated.
const (
	reasonInternal  = "Something went wrong. Try again in a moment."
	reasonNotFound  = "Page not found. The chat is at %s."
	reasonMethod    = "This URL does not support this request method."
	reasonTooMany   = "Too many requests from your address. Try again in a moment."
	reasonNotReady  = "The chat is temporarily unavailable: see the server's log."
	reasonAmbiguous = "This HTTP request is ambiguous."
	reasonLongLink  = "The room's link is too long for a QR code."
)

// answerError is Fiber's error handler. It responds with a page to a browser that shows a
// document, and with one sentence of plain text to all other clients.
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
		c.Context().SetConnectionClose() // a refused client must not keep a descriptor
	}
	secure(c) // this also covers refusals outside of page routes
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Vary(fiber.HeaderAccept, headerFetchDest, headerFetchMode)
	c.Status(status)
	if onPage && s.errorPage(c, status, reason) == nil {
		return nil
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8) // a failed page may have set another type
	return c.SendString(reason + "\n")
}
