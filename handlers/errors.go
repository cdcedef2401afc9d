package handlers

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"chatserver/accounts"
	"chatserver/accounts/passkeys"
	"chatserver/chat"
	"chatserver/handlers/request"
	"chatserver/locales"
)

// retryAfter is the value of Retry-After in refusals, in seconds.
const retryAfter = 5

// statusFor maps an error to an HTTP status; it is the only place that does. An error that is
// not listed becomes 500.
func statusFor(err error) int {
	var (
		invalid  *chat.Invalid
		refused  *request.Refusal
		byRouter *fiber.Error
	)
	switch {
	case errors.As(err, &refused):
		return refused.Status
	case errors.As(err, &invalid):
		return fiber.StatusBadRequest
	case errors.Is(err, chat.ErrNoGuests), errors.Is(err, chat.ErrAccountName), errors.Is(err, accounts.ErrNoToken), errors.Is(err, accounts.ErrNoSession), errors.Is(err, accounts.ErrWrongPassword), errors.Is(err, accounts.ErrWrongCode), errors.Is(err, accounts.ErrNoPasskey):
		return fiber.StatusUnauthorized
	case errors.Is(err, chat.ErrForbidden), errors.Is(err, chat.ErrScope), errors.Is(err, chat.ErrOtherAccount),
		errors.Is(err, accounts.ErrForbidden), errors.Is(err, accounts.ErrNoSignUp), errors.Is(err, accounts.ErrOnlySSO),
		errors.Is(err, accounts.ErrFlow), errors.Is(err, accounts.ErrDisabled), errors.Is(err, passkeys.ErrRefused):
		return fiber.StatusForbidden
	case errors.Is(err, chat.ErrNoRoom), errors.Is(err, chat.ErrNoMessage), errors.Is(err, accounts.ErrNoUser), errors.Is(err, accounts.ErrNoProvider), errors.Is(err, accounts.ErrNoIdentity):
		return fiber.StatusNotFound
	case errors.Is(err, accounts.ErrInvitation), errors.Is(err, accounts.ErrClaimed):
		return fiber.StatusGone
	case errors.Is(err, chat.ErrNameTaken), errors.Is(err, accounts.ErrNameTaken), errors.Is(err, accounts.ErrLastOwner),
		errors.Is(err, accounts.ErrIdentityTaken), errors.Is(err, accounts.ErrPasskeyTaken), errors.Is(err, accounts.ErrLastWayIn):
		return fiber.StatusConflict
	case errors.Is(err, chat.ErrAddressFull), errors.Is(err, accounts.ErrTooManyAttempts):
		return fiber.StatusTooManyRequests
	case errors.Is(err, chat.ErrFull), errors.Is(err, chat.ErrStopping), errors.Is(err, chat.ErrNameCheckFailed), errors.Is(err, accounts.ErrBusy):
		return fiber.StatusServiceUnavailable
	case errors.As(err, &byRouter):
		return byRouter.Code
	default:
		return fiber.StatusInternalServerError
	}
}

// The reasons that pages may show. Each is translated in locales/, see
// TestEveryRefusalIsTranslated.
const (
	reasonInternal  = "Something went wrong. Try again in a moment."
	reasonNotFound  = "Page not found. The chat is at %s."
	reasonMethod    = "This URL does not support this request method."
	reasonAmbiguous = "This HTTP request is ambiguous."
	reasonDamaged   = "The chat’s database is damaged. Its administrator has to restore a backup."
)

// answerError is Fiber's error handler. It responds with a page to a browser that shows a
// document, and with one sentence of plain text to all other clients.
func (s *Server) answerError(c *fiber.Ctx, err error) error {
	status, locale := statusFor(err), s.localeOf(c)
	onPage := c.App() == s.public && request.WantsDocument(c)
	reason, where := request.Localize(locale, err), []any{s.site.Base.At("/")}
	if onPage {
		reason, where = request.LocalizeForPage(locale, err), locales.Named(where)
	}
	switch status {
	case fiber.StatusInternalServerError:
		s.site.Reporter.Log.Error("request failed", "route", s.routeOf(c), "error", err) // a path may hold the secret of an invitation
		reason = locale.Sentence(reasonInternal)
	case fiber.StatusUnauthorized:
		request.Challenge(c)
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
	c.Vary(fiber.HeaderAccept, request.HeaderFetchDest, request.HeaderFetchMode)
	c.Status(status)
	if onPage && status == fiber.StatusUnauthorized && s.signin.Ask(c, reason) == nil {
		return nil
	}
	if onPage && s.pages.ErrorPage(c, status, reason) == nil {
		return nil
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8) // a failed page may have set another type
	return c.SendString(reason + "\n")
}

// localeOf returns the language of an answer. Only documents that a browser shows are
// translated; handshakes and everything else are English for everyone.
func (s *Server) localeOf(c *fiber.Ctx) *locales.Locale {
	if !request.WantsDocument(c) {
		return locales.All()[0]
	}
	return s.pages.Locale(c)
}
