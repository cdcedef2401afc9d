package handlers

import (
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
)

// routes are all there are on the public port, one line each.
func (s *Server) routes(app *fiber.App) {
	app.Use(s.observe, s.recoverRequest, refuseDoubtful)
	app.Get("/healthz", s.healthz)
	app.Get("/static/:hash/*", s.staticFile)

	app.Use(securityHeaders, s.unhurried)
	app.Get("/", compressed, s.page)
	app.Get("/rooms/:room", compressed, s.page)
	app.Get("/rooms/:room/qr.svg", compressed, s.roomCode)
	app.Get("/check", s.check)
	app.Get("/offline", compressed, s.offlinePage)
	app.Get("/sw.js", compressed, serviceWorker)
	app.Get("/manifest.webmanifest", manifest)
	app.Get("/version.json", build)
	app.Get("/favicon.ico", s.favicon)
	app.Get("/robots.txt", robots)

	app.Get("/chat", s.leadToPage)
	app.Get("/chat/:name?", s.leadToPage, checkHandshake, s.mayVisit, spareHeaders, s.sockets.upgrade())
}

// opsRoutes are the operators' doors, on a port of their own.
func (s *Server) opsRoutes(app *fiber.App) {
	app.Get("/healthz", s.healthz)
	app.Get("/livez", s.livez)
	app.Get("/readyz", s.readyzVerbose)
	app.Get("/version", s.version)
	app.Get("/metrics", adaptor.HTTPHandler(s.told.Handler()))
	app.Get("/debug/pprof/*", profiles())
}
