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
	key, _ := s.guestKeyIn(c)
	return key
}

// guestKeyIn returns that key and the name of the cookie that has it, both empty without one.
func (s *Server) guestKeyIn(c *fiber.Ctx) (key, cookie string) {
	for _, name := range s.base.cookies(guestCookie) {
		value := strings.Clone(c.Cookies(name))
		if raw, err := hex.DecodeString(value); err == nil && len(raw) == guestKeySize {
			return value, name
		}
	}
	return "", ""
}

// ensureGuest gives a browser its key with the first page. Over HTTPS it also copies the key
// from a cookie of an earlier version to the one with the prefix, so nobody becomes another.
func (s *Server) ensureGuest(c *fiber.Ctx) {
	name, secure := s.base.cookie(guestCookie), s.scheme(c) == "https"
	if secure {
		name = s.base.cookies(guestCookie)[0]
	}
	key, found := s.guestKeyIn(c)
	if key != "" && (!secure || found == name) {
		return
	}
	if key == "" {
		raw := make([]byte, guestKeySize)
		_, _ = rand.Read(raw) // never fails: it ends the process instead
		key = hex.EncodeToString(raw)
	}
	c.Cookie(&fiber.Cookie{
		Name: name, Value: key, Path: s.base.at("/"),
		Expires: time.Now().AddDate(guestYears, 0, 0), HTTPOnly: true,
		SameSite: fiber.CookieSameSiteLaxMode, Secure: secure,
	})
}
