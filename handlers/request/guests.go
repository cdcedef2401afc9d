package request

import (
	"crypto/rand"
	"encoding/hex"
	"net/url"
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

// preferencesCookie holds what the page stores for its next server-side render, as a query
// string (static/js/lib/settings.js). Anybody can write such a cookie, so every value is
// checked, and invalid ones are ignored.
const preferencesCookie = "chat_page"

// Preferences returns the values of the page's cookie, or nil if it cannot be parsed.
func (s *Site) Preferences(c *fiber.Ctx) url.Values {
	for _, name := range s.Base.Cookies(preferencesCookie) {
		cookie := c.Cookies(name)
		if cookie == "" {
			continue
		}
		values, err := url.ParseQuery(cookie)
		if err != nil {
			return nil
		}
		return values
	}
	return nil
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
		key = newGuestKey()
	}
	s.setGuest(c, name, key)
}

// RenewGuest gives a browser another guest key, because an account has what the former one
// wrote.
func (s *Site) RenewGuest(c *fiber.Ctx) {
	name := s.Base.cookie(guestCookie)
	if s.Scheme(c) == "https" {
		name = s.Base.Cookies(guestCookie)[0]
	}
	s.setGuest(c, name, newGuestKey())
}

func newGuestKey() string {
	raw := make([]byte, guestKeySize)
	_, _ = rand.Read(raw) // never fails: it ends the process instead
	return hex.EncodeToString(raw)
}

func (s *Site) setGuest(c *fiber.Ctx, name, key string) {
	c.Cookie(&fiber.Cookie{
		Name: name, Value: key, Path: s.Base.At("/"),
		Expires: time.Now().AddDate(guestYears, 0, 0), HTTPOnly: true,
		SameSite: fiber.CookieSameSiteLaxMode, Secure: s.Scheme(c) == "https",
	})
}
