package handlers

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

const (
	// guestCookie holds a guest's key, by which one Ann is told from another.
	guestCookie = "chat_guest"
	// guestKeySize is the size of a key in bytes: 128 bits nobody can guess.
	guestKeySize = 16
	// guestYears is how long a browser remembers who it is.
	guestYears = 2
)

// guestKey is the key that a request brings, or empty.
func (s *Server) guestKey(c *fiber.Ctx) string {
	key := strings.Clone(c.Cookies(s.base.cookie(guestCookie)))
	if raw, err := hex.DecodeString(key); err != nil || len(raw) != guestKeySize {
		return ""
	}
	return key
}

// ensureGuest gives a browser its key with the first page.
func (s *Server) ensureGuest(c *fiber.Ctx) {
	if s.guestKey(c) != "" {
		return
	}
	raw := make([]byte, guestKeySize)
	_, _ = rand.Read(raw) // never fails: it ends the process instead
	c.Cookie(&fiber.Cookie{
		Name: s.base.cookie(guestCookie), Value: hex.EncodeToString(raw), Path: s.base.at("/"),
		Expires: time.Now().AddDate(guestYears, 0, 0), HTTPOnly: true,
		SameSite: fiber.CookieSameSiteLaxMode, Secure: s.scheme(c) == "https",
	})
}
