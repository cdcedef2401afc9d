package handlers

import (
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"chatserver/locales"
)

// preferencesCookie is what the page left (static/js/lib/settings.js) for its next
// first paint, as a query string. Anybody can write one, so whatever is in it
// is checked here, and what is not understood is as if it were not there.
const preferencesCookie = "chat_page"

// maxZone is longer than any name of the time zone database.
const maxZone = 64

// preferences are how somebody wants the page to be drawn.
type preferences struct {
	Theme     string // light or dark; empty as the system has it
	Density   string // compact; empty for the usual one
	Zone      *time.Location
	Name, Age string // who is here; empty for somebody who is to be asked
	locale    *locales.Locale
}

// cookieValues is what the page left; nothing if it cannot be read.
func (s *Server) cookieValues(c *fiber.Ctx) url.Values {
	for _, name := range s.base.cookies(preferencesCookie) {
		cookie := c.Cookies(name)
		if cookie == "" {
			continue
		}
		said, err := url.ParseQuery(cookie)
		if err != nil {
			return nil
		}
		return said
	}
	return nil
}

// pageLocale is the language of whoever has the page before them.
func (s *Server) pageLocale(c *fiber.Ctx) *locales.Locale {
	return locales.Match(s.cookieValues(c).Get("language"), c.Get(fiber.HeaderAcceptLanguage))
}

func (s *Server) preferencesOf(c *fiber.Ctx) preferences {
	said := s.cookieValues(c)
	p := preferences{Zone: zone(said.Get("zone")), Name: said.Get("name"), Age: said.Get("age"), locale: s.pageLocale(c)}
	if theme := said.Get("theme"); theme == "light" || theme == "dark" {
		p.Theme = theme
	}
	if said.Get("density") == "compact" {
		p.Density = "compact"
	}
	return p
}

// zone is the reader's, so that times are right before any script runs.
func zone(name string) *time.Location {
	if len(name) > maxZone || name == "Local" {
		return time.UTC
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return location
}
