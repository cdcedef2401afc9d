package handlers

import (
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"chatserver/handlers/ops"
	"chatserver/handlers/pages"
	"chatserver/handlers/request"
	"chatserver/handlers/socket"
)

// routes registers the routes of the public port. All of them are below the base path; those
// that programs have hard-coded are also at the root.
func (s *Server) routes(app *fiber.App) {
	below, forPrograms := app.Group(s.site.Base.Path), []fiber.Router{app}
	if s.site.Base.Path != "" {
		forPrograms = []fiber.Router{below, app}
	}
	app.Use(s.reportRequest, honourClose, s.recoverRequest, checkVersion, checkTarget, refuseAmbiguous, s.ops.RecordProbe)
	below.Get("/static/:hash/*", s.pages.StaticFile) // for any host: the page that refuses a host needs its styles
	app.Use(request.CheckHost(request.NewHostNames(s.options.Hosts, true), request.ReasonHost, &s.unknown), answerOptions)
	for _, at := range forPrograms {
		at.Get("/healthz", s.ops.Healthz)
	}
	app.Use(securityHeaders, s.refuseDamaged, s.site.LimitRequests, s.site.Authenticate)
	below.Get("/", s.site.Base.RedirectToSlash, s.site.RequireEntry, s.pages.Page)
	below.Get("/rooms/:room", s.site.RequireEntry, s.pages.Page)
	below.Get("/rooms/:room/qr.svg", s.pages.RoomQRCode)
	below.Get("/rooms/:room/:seq", s.site.RequireEntry, s.pages.MessagePage)
	below.Get("/check", s.pages.Check)
	below.Get("/offline", request.Compressed, s.pages.OfflinePage)
	below.Get("/sw.js", request.Compressed, pages.ServiceWorker)
	below.Get("/manifest.webmanifest", s.pages.Manifest)
	below.Get("/version.json", pages.Build)
	below.Get("/favicon.ico", s.pages.Favicon)
	below.Get("/robots.txt", pages.Robots)

	below.Get("/sign-in", s.signin.SignInPage)
	below.Get("/sign-in/recovery", s.signin.RecoveryPage)
	below.Get("/sign-up", s.signin.SignUpPage)
	below.Get("/sign-up/:secret", s.signin.SignUpPage)
	below.Get("/claim/:secret", s.signin.SignUpPage)
	below.Get("/account", s.signin.AccountPage)
	below.Get("/account/:section", s.signin.AccountPage)
	below.Get("/sign-in/with/:provider/callback", s.signin.BackFromProvider)
	below.Post("/sign-in/with/:provider/callback", s.signin.FormBack) // from the provider's site
	for path, form := range map[string]fiber.Handler{
		"/sign-in/recovery": s.signin.Recover, "/sign-in/passkey/begin": s.signin.BeginPasskey, "/sign-in/passkey": s.signin.FinishPasskey,
		"/sign-in/with/:provider": s.signin.GoToProvider, "/sign-up-with": s.signin.SignUpWith,
		"/sign-up/:secret/passkey/begin": s.signin.BeginNewPasskey, "/sign-up/:secret/passkey": s.signin.FinishNewPasskey,
		"/account/passkeys/begin": s.signin.BeginAnotherPasskey, "/account/passkeys": s.signin.AddPasskey,
		"/account/passkeys/rename": s.signin.RenamePasskey, "/account/passkeys/remove": s.signin.RemovePasskey,
		"/account/recovery-codes": s.signin.RenewCodes, "/account/identities/remove": s.signin.Unlink,
		"/account/tokens": s.signin.CreateToken, "/account/tokens/revoke": s.signin.RevokeToken,
		"/sign-in": s.signin.SignIn, "/sign-out": s.signin.SignOut,
		"/sign-up": s.signin.SignUp, "/sign-up/:secret": s.signin.SignUp, "/claim/:secret": s.signin.SignUp,
		"/sessions/:id/end": s.signin.EndSession, "/sessions/end-others": s.signin.EndOthers, "/sessions/end-all": s.signin.EndAll,
		"/account/password": s.signin.SetPassword, "/account/profile": s.signin.SetProfile,
	} {
		below.Post(path, s.site.RefuseCrossSite, form)
	}

	upgrade := s.sockets.Upgrade()
	for _, at := range forPrograms {
		at.Get("/chat", s.sockets.RedirectToPage)
		at.Get(connectionRoute, s.sockets.RedirectToPage, socket.CheckHandshake, s.sockets.Admit, socket.DropHeaders, upgrade)
	}
}

// opsRoutes registers the routes of the admin listener.
func (s *Server) opsRoutes(app *fiber.App) {
	app.Use(checkVersion, checkTarget, request.CheckHost(request.NewHostNames(s.options.OpsHosts, false), request.ReasonOpsHost, &s.unknown), request.CheckBrowser, answerOptions)
	app.Get("/healthz", s.ops.Healthz)
	app.Get("/livez", s.ops.Livez)
	app.Get("/readyz", s.ops.ReadyzVerbose)
	app.Get("/version", s.ops.Version)
	app.Post("/seen", s.ops.CreateProbe)
	app.Get("/seen/:token", s.ops.ProbeResult)
	app.Get("/metrics", adaptor.HTTPHandler(s.site.Reporter.Handler()))
	app.Get("/debug/pprof/*", ops.Profiles())
}
