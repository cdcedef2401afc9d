package socket

import (
	"context"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"chatserver/handlers/request"
)

// RedirectToPage redirects a browser that opens a connection's URL as a page to the page
// itself, with the name filled in. Other requests without an upgrade get 426.
func (s *Server) RedirectToPage(c *fiber.Ctx) error {
	if request.RequestsUpgrade(c) {
		return c.Next()
	}
	if !request.WantsDocument(c) {
		c.Set(fiber.HeaderUpgrade, "websocket")
		c.Set(fiber.HeaderConnection, "Upgrade")
		return request.Refuse(fiber.StatusUpgradeRequired, "This is the address of a WebSocket: open it as ws://, or open "+s.Base.At("/")+" in a browser.")
	}
	return c.Redirect(s.Base.At(pageFor(c)), fiber.StatusSeeOther)
}

// pageFor returns the path of the page for a connection's URL.
func pageFor(c *fiber.Ctx) string {
	query := url.Values{}
	if name, err := url.PathUnescape(c.Params("name")); err == nil && name != "" {
		query.Set("name", name)
	}
	if age := c.Query("age"); age != "" {
		query.Set("age", age)
	}
	target := "/"
	if room := c.Query("room"); room != "" {
		target = "/rooms/" + url.PathEscape(room)
	}
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	return target
}

// Admit refuses what would otherwise be refused after the upgrade, when there is no status
// code any more to say why.
func (s *Server) Admit(c *fiber.Ctx) error {
	if err := s.checkOrigin(c); err != nil {
		return err
	}
	if !s.Limiter.AllowHandshake(s.Address(c)) {
		return request.Refuse(fiber.StatusTooManyRequests, "Too many connections were opened from your address just now. Try again in a moment.")
	}
	v, err := s.admittedVisit(c)
	if err != nil {
		return err
	}
	c.Locals(visitKey, v)
	return c.Next()
}

// admittedVisit returns the visit of a request, if the visitor may enter the chat now.
func (s *Server) admittedVisit(c *fiber.Ctx) (*request.Visit, error) {
	v, err := s.visit(c)
	if err == nil {
		err = s.MayEnter(v)
	}
	if err == nil && v.Kind.IsText() {
		err = s.Chat.MayJoin(context.Background(), v.Actor, v.Room)
	}
	if err == nil && s.options.MemoryHigh() {
		err = request.Refuse(fiber.StatusServiceUnavailable, "The server is short of memory. Try again in a moment.")
	}
	return v, err
}

// checkOrigin refuses handshakes from pages of other origins: a browser sends a visitor's
// cookies with every handshake, whichever page opens it. Programs send no Origin, and have
// no cookies that could be abused.
func (s *Server) checkOrigin(c *fiber.Ctx) error {
	origins := c.Context().Request.Header.PeekAll(fiber.HeaderOrigin)
	if len(origins) == 0 {
		return nil
	}
	origin := string(origins[0])
	if len(origins) == 1 && (s.origins[strings.ToLower(origin)] || s.IsOwnOrigin(c, origin)) {
		return nil
	}
	return request.Refuse(fiber.StatusForbidden, "This page may not open a connection here: its origin is neither this host nor one of --origins.")
}
