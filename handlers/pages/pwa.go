package pages

import (
	"fmt"

	"github.com/gofiber/fiber/v2"

	"chatserver/static"
)

// This file serves what a browser needs to install the chat as an app and to show it offline.

// The colours of the light theme, from css/tokens.css: a manifest has only one of each. In the
// dark theme each page sets its own.
const (
	paper = "#fdfcf9"
	ink   = "#25221d"
)

type manifestIcon struct {
	Source  string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose"`
}

// Manifest serves the web app manifest (W3C).
func (s *Server) Manifest(c *fiber.Ctx) error {
	home := s.Base.At("/")
	icon := func(name, sizes, kind, purpose string) manifestIcon {
		return manifestIcon{s.Base.Static() + "/icons/" + name, sizes, kind, purpose}
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return c.JSON(fiber.Map{
		"id": home, "name": "chatserver", "short_name": "chatserver", "start_url": home, "scope": home,
		"display": "standalone", "theme_color": paper, "background_color": paper,
		"icons": []manifestIcon{
			icon("favicon.svg", "any", "image/svg+xml", "any"),
			icon("icon-192.png", "192x192", "image/png", "any"),
			icon("icon-512.png", "512x512", "image/png", "any"),
			icon("icon-maskable-512.png", "512x512", "image/png", "maskable"),
		},
	}, "application/manifest+json")
}

// ServiceWorker serves sw.js with its build prepended, so that a new build is a new worker,
// which browsers detect on their own.
func ServiceWorker(c *fiber.Ctx) error {
	file, ok := static.Open("sw.js")
	if !ok {
		return fiber.ErrNotFound
	}
	body, _ := file.Body("")
	c.Set(fiber.HeaderContentType, file.Type())
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return c.SendString(fmt.Sprintf("const BUILD=%q;\n%s", static.Hash(), body))
}

// Build returns the server's build, so that an open page can tell whether there is a newer
// one.
func Build(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.JSON(fiber.Map{"build": static.Hash()})
}

// OfflinePage is the page that the service worker shows for a room that is not cached. It
// names no user, and loads only what every page loads.
func (s *Server) OfflinePage(c *fiber.Ctx) error {
	view := s.newView(c)
	view.Name, view.Age = "", ""
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return c.Render("offline", view, "layout")
}
