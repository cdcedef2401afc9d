package request

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

const (
	// guestCookie holds the guest key, which distinguishes guests with the same name.
	guestCookie = "chat_guest"
	// guestKeySize is the size of a key in bytes: 128 bits cannot be guessed.
	guestKeySize = 16
	// guestYears is how many years a browser keeps its key.
	guestYears = 2
)

// guestKey returns the guest key of a request, or "".
func (s *Site) guestKey(c *fiber.Ctx) string {
	key, _ := s.guestKeyIn(c)
	return key
}

// guestKeyIn returns the guest key and the name of its cookie, or two empty strings.
func (s *Site) guestKeyIn(c *fiber.Ctx) (key, cookie string) {
	for _, name := range s.Base.Cookies(guestCookie) {
		value := strings.Clone(c.Cookies(name))
		if raw, err := hex.DecodeString(value); err == nil && len(raw) == guestKeySize {
			return value, name
		}
	}
	return "", ""
}

// EnsureGuest sets the guest cookie with a browser's first page. Over HTTPS it also copies the
// key from the cookie of an earlier version to the prefixed one, so that users stay the same.
func (s *Site) EnsureGuest(c *fiber.Ctx) {
	name, secure := s.Base.cookie(guestCookie), s.Scheme(c) == "https"
	if secure {
		name = s.Base.Cookies(guestCookie)[0]
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
		Name: name, Value: key, Path: s.Base.At("/"),
		Expires: time.Now().AddDate(guestYears, 0, 0), HTTPOnly: true,
		SameSite: fiber.CookieSameSiteLaxMode, Secure: secure,
	})
}
