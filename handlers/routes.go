package handlers

import (
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
)

// routes registers the routes of the public port. All of them are below the base path; those
// that programs have hard-coded are also at the root.
func (s *Server) routes(app *fiber.App) {
	below, forPrograms := app.Group(s.base.path), []fiber.Router{app}
	if s.base.path != "" {
		forPrograms = []fiber.Router{below, app}
	}
	app.Use(s.reportRequest, honourClose, s.recoverRequest, checkVersion, checkTarget, refuseAmbiguous, s.recordProbe)
	below.Get("/static/:hash/*", s.staticFile) // for any host: the page that refuses a host needs its styles
	app.Use(checkHost(newHostNames(s.options.Hosts, true), reasonHost, &s.unknown), answerOptions)
	for _, at := range forPrograms {
		at.Get("/healthz", s.healthz)
	}
	app.Use(securityHeaders, s.limitRequests)
	below.Get("/", s.base.redirectToSlash, s.page)
	below.Get("/rooms/:room", s.page)
	below.Get("/rooms/:room/qr.svg", s.roomQRCode)
	below.Get("/check", s.check)
	below.Get("/offline", compressed, s.offlinePage)
	below.Get("/sw.js", compressed, serviceWorker)
	below.Get("/manifest.webmanifest", s.manifest)
	below.Get("/version.json", build)
	below.Get("/favicon.ico", s.favicon)
	below.Get("/robots.txt", robots)

	upgrade := s.sockets.upgrade()
	for _, at := range forPrograms {
		at.Get("/chat", s.redirectToPage)
		at.Get(connectionRoute, s.redirectToPage, checkHandshake, s.admit, dropHeaders, upgrade)
	}
}

// opsRoutes registers the routes of the admin listener.
func (s *Server) opsRoutes(app *fiber.App) {
	app.Use(checkVersion, checkTarget, checkHost(newHostNames(s.options.OpsHosts, false), reasonOpsHost, &s.unknown), checkBrowser, answerOptions)
	app.Get("/healthz", s.healthz)
	app.Get("/livez", s.livez)
	app.Get("/readyz", s.readyzVerbose)
	app.Get("/version", s.version)
	app.Post("/seen", s.createProbe)
	app.Get("/seen/:token", s.probeResult)
	app.Get("/metrics", adaptor.HTTPHandler(s.reporter.Handler()))
	app.Get("/debug/pprof/*", profiles())
}
