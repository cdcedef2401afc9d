package handlers

import (
	"chatserver/handlers/request"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
)

// routes registers the routes of the public port. All of them are below the base path; those
// that programs have hard-coded are also at the root.
func (s *Server) routes(app *fiber.App) {
	below, forPrograms := app.Group(s.site.Base.Path), []fiber.Router{app}
	if s.site.Base.Path != "" {
		forPrograms = []fiber.Router{below, app}
	}
	app.Use(s.reportRequest, honourClose, s.recoverRequest, checkVersion, checkTarget, refuseAmbiguous, s.ops.recordProbe)
	below.Get("/static/:hash/*", s.pages.staticFile) // for any host: the page that refuses a host needs its styles
	app.Use(request.CheckHost(request.NewHostNames(s.options.Hosts, true), request.ReasonHost, &s.unknown), answerOptions)
	for _, at := range forPrograms {
		at.Get("/healthz", s.ops.healthz)
	}
	app.Use(securityHeaders, s.site.LimitRequests)
	below.Get("/", s.site.Base.RedirectToSlash, s.pages.page)
	below.Get("/rooms/:room", s.pages.page)
	below.Get("/rooms/:room/qr.svg", s.pages.roomQRCode)
	below.Get("/rooms/:room/:seq", s.pages.messagePage)
	below.Get("/check", s.pages.check)
	below.Get("/offline", request.Compressed, s.pages.offlinePage)
	below.Get("/sw.js", request.Compressed, serviceWorker)
	below.Get("/manifest.webmanifest", s.pages.manifest)
	below.Get("/version.json", build)
	below.Get("/favicon.ico", s.pages.favicon)
	below.Get("/robots.txt", robots)

	upgrade := s.sockets.upgrade()
	for _, at := range forPrograms {
		at.Get("/chat", s.sockets.redirectToPage)
		at.Get(connectionRoute, s.sockets.redirectToPage, checkHandshake, s.sockets.admit, dropHeaders, upgrade)
	}
}

// opsRoutes registers the routes of the admin listener.
func (s *Server) opsRoutes(app *fiber.App) {
	app.Use(checkVersion, checkTarget, request.CheckHost(request.NewHostNames(s.options.OpsHosts, false), request.ReasonOpsHost, &s.unknown), request.CheckBrowser, answerOptions)
	app.Get("/healthz", s.ops.healthz)
	app.Get("/livez", s.ops.livez)
	app.Get("/readyz", s.ops.readyzVerbose)
	app.Get("/version", s.ops.version)
	app.Post("/seen", s.ops.createProbe)
	app.Get("/seen/:token", s.ops.probeResult)
	app.Get("/metrics", adaptor.HTTPHandler(s.site.Reporter.Handler()))
	app.Get("/debug/pprof/*", profiles())
}
