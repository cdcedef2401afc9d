package pages

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"chatserver/locales"
)

// maxZone is longer than any name in the time zone database.
const maxZone = 64

// preferences are a visitor's settings for the server-side render.
type preferences struct {
	Theme     string // light or dark; empty for the system's
	Density   string // compact; empty for the default
	Zone      *time.Location
	Name, Age string // of the signed-in user; empty without one
	locale    *locales.Locale
}

// Locale returns the language of the page: the visitor's setting, or else the browser's.
func (s *Server) Locale(c *fiber.Ctx) *locales.Locale {
	return locales.Match(s.Preferences(c).Get("language"), c.Get(fiber.HeaderAcceptLanguage))
}

func (s *Server) preferencesOf(c *fiber.Ctx) preferences {
	values := s.Preferences(c)
	p := preferences{Zone: zone(values.Get("zone")), Name: values.Get("name"), Age: values.Get("age"), locale: s.Locale(c)}
	if theme := values.Get("theme"); theme == "light" || theme == "dark" {
		p.Theme = theme
	}
	if values.Get("density") == "compact" {
		p.Density = "compact"
	}
	return p
}

// zone returns the visitor's time zone, so that times are right before any script runs; UTC
// if it is unknown.
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
