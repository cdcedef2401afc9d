package handlers

import (
	"fmt"

	"github.com/gofiber/fiber/v2"

	"chatserver/static"
)

// What a device needs to have the chat as an app of its own, and to show it
// without a network.

// The colours are those of css/tokens.css in the light, where a manifest has one
// of each; a page says its own for the dark.
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

// manifest tells a device what to call the app and how to show it.
func (s *Server) manifest(c *fiber.Ctx) error {
	home := s.base.at("/")
	icon := func(name, sizes, kind, purpose string) manifestIcon {
		return manifestIcon{s.base.static() + "/icons/" + name, sizes, kind, purpose}
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

// serviceWorker is sw.js with the build it belongs to in front: another build
// is another worker, which a browser finds by itself.
func serviceWorker(c *fiber.Ctx) error {
	file, ok := static.Open("sw.js")
	if !ok {
		return fiber.ErrNotFound
	}
	body, _ := file.Body("")
	c.Set(fiber.HeaderContentType, file.Type())
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return c.SendString(fmt.Sprintf("const BUILD=%q;\n%s", static.Hash(), body))
}

// build tells a page that runs already whether the server has another one by now.
func build(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.JSON(fiber.Map{"build": static.Hash()})
}

// offlinePage is what the service worker shows for a room of which it has
// nothing. It names nobody, and loads what every page loads.
func (s *Server) offlinePage(c *fiber.Ctx) error {
	view := s.newView(c)
	view.Name, view.Age = "", ""
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return c.Render("offline", view, "layout")
}
