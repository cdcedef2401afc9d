// Package pages serves what a browser shows and loads: the HTML pages, rendered for their
// visitor, and the files, images and JSON that belong to them.
package pages

import (
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"chatserver/chatv1"
	"chatserver/handlers/request"
)

// Server serves the HTML pages and what they load.
type Server struct {
	*request.Site
	maxText  int // bytes per message
	shortIDs *chatv1.ShortIDs
}

// New returns the pages of a site.
func New(site *request.Site, maxText int, shortIDs *chatv1.ShortIDs) *Server {
	return &Server{site, maxText, shortIDs}
}

// RenderOnce renders a page before there are visitors. At the first Render, Fiber (2.52)
// lists its apps without a lock, so two visitors at that moment would race.
func (s *Server) RenderOnce(app *fiber.App) {
	c := app.AcquireCtx(&fasthttp.RequestCtx{})
	defer app.ReleaseCtx(c)
	view := &pageView{Frame: Frame{preferences: s.preferencesOf(c)}} // without Static: files are bundled for the first visitor
	if err := c.Render("offline", view, "layout"); err != nil {
		s.Reporter.Log.Error("could not render pages", "error", err)
	}
}

// ErrorPage responds with a page that explains why a request failed. It links to the chat
// unless the link would fail as well. Pages cost CPU, so addresses take turns: see RunFairly.
func (s *Server) ErrorPage(c *fiber.Ctx, status int, why string) error {
	view := s.newView(c)
	view.Reason = why
	view.Failed = status != fiber.StatusNotFound && status != fiber.StatusBadRequest
	view.UnknownHost = status == fiber.StatusMisdirectedRequest
	return s.RunFairly(c, func() error { return c.Render("refused", view, "layout") })
}
