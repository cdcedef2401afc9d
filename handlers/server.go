// Package handlers serves the chat over HTTP and WebSocket: it has the routes, the middleware
// and the ports. The handlers are in the packages below: each parses and checks a request, calls
// package chat, and answers; it holds no rules of its own. Read socket/socket.go first: it shows
// the life of a connection.
package handlers

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"chatserver/accounts"
	"chatserver/chat"
	"chatserver/chatv1"
	"chatserver/handlers/ops"
	"chatserver/handlers/pages"
	"chatserver/handlers/request"
	"chatserver/handlers/signin"
	"chatserver/handlers/socket"
	"chatserver/telemetry"
	"chatserver/views"
)

const (
	// readTimeout bounds how long the first byte of a request may take, and then the rest: a
	// client that sends one byte per second holds a connection for at most twice this time.
	readTimeout = 10 * time.Second
	// responseFactor is how many times longer than for its request a client may take to accept
	// the response, with the default 60 s: the largest file, of 110 kB, arrives over 2 kB/s.
	responseFactor = 6
	// idleTimeout is how long a connection is kept open for its next request.
	idleTimeout = 60 * time.Second
	// httpWait is how long a stop waits for responses in progress: pages take milliseconds.
	httpWait = time.Second
	// maxHeader is the size limit of a request's headers; large single-sign-on cookies of
	// other programs on the same host must fit.
	maxHeader = 16 << 10
	// maxBody is how much of a request's body is read. No route needs one.
	maxBody = 64 << 10
)

// Options are the settings of the handlers.
type Options struct {
	Accounts       *accounts.Accounts // nil = accounts.None()
	MaxText        int                // bytes per message
	Rate           int                // messages per second per connection; 0 = no limit
	ByteRate       int                // bytes per second delivered to each member on account of one payer; 0 = no limit
	Base           *url.URL           // public URL: scheme, host and perhaps a path; nil = the root of whichever host is requested
	Hosts          []string           // host names that the public port answers to, besides IP addresses and private names
	OpsHosts       []string           // host names that the admin listener answers to, besides IP addresses and localhost
	Origins        []string           // further origins that may open a connection, as scheme://host[:port]
	MaxPerAddress  int                // connections per address, WebSockets and HTTP; the rates of the rate limiter derive from it; 0 = no limit
	TrustedProxies []netip.Prefix     // networks whose X-Forwarded-For and -Proto are trusted
	Version        string             // for /version, like the next two
	Commit         string
	Built          string
	Telemetry      *telemetry.Telemetry // nil = a new one
	TLS            *tls.Config          // the TLS configuration of the public port; nil = plain HTTP
	Log            *slog.Logger
	Stopping       <-chan struct{}  // closed when the server begins to stop
	ShortIDs       *chatv1.ShortIDs // the value that was passed to Frames; required
	Files          int              // descriptors that this process may have; 0 = no limit
	ReadTimeout    time.Duration    // per request; 0 = 10 s. A response may take responseFactor times as long
	IdleWorker     time.Duration    // how long a goroutine waits for its next connection before it ends; 0 = 10 s
	DiskTrouble    func() string    // what is wrong with the disk of the database; nil, or returns "", if nothing is
	Damage         func() error     // what is wrong with the database, after which all requests are refused; nil, or returns nil, if nothing is
	CloseWait      time.Duration    // how long the server waits for the answer to its close frame; 0 = 5 s
}

// Server serves one chat on the public port and the admin listener.
type Server struct {
	site    *request.Site
	options Options
	sockets *socket.Server
	pages   *pages.Server
	ops     *ops.Server
	signin  *signin.Server
	public  *fiber.App
	admin   *fiber.App

	memory  memoryPressure
	unknown request.UnknownHosts
	conns   httpConns
}

// New returns the server of a chat.
func New(c *chat.Chat, options Options) *Server {
	if options.Telemetry == nil {
		options.Telemetry = telemetry.New(options.Version, nil)
	}
	if options.Accounts == nil {
		options.Accounts = accounts.None()
	}
	s := &Server{options: options, site: &request.Site{
		Chat: c, Accounts: options.Accounts, Base: request.NewBase(options.Base), TrustedProxies: options.TrustedProxies, Limiter: request.NewRateLimiter(options.MaxPerAddress),
		Reporter: &request.Reporter{Telemetry: options.Telemetry, Log: options.Log},
	}}
	s.unknown.To = options.Log
	s.conns = httpConns{limit: options.MaxPerAddress, exempt: s.site.Exempt, webSockets: c.ConnectionsFrom}
	s.sockets = socket.New(s.site, socket.Options{
		MaxText: options.MaxText, Rate: options.Rate, ByteRate: options.ByteRate, Origins: options.Origins, Stopping: options.Stopping,
		CloseWait: options.CloseWait, MemoryHigh: s.memory.high,
	}, options.ShortIDs)
	s.pages = pages.New(s.site, options.MaxText, options.ShortIDs)
	s.signin = signin.New(s.site, s.pages, statusFor)
	s.ops = ops.New(s.site, ops.Options{Version: options.Version, Commit: options.Commit, Built: options.Built, DiskTrouble: options.DiskTrouble, MemoryHigh: s.memory.high})
	options.Telemetry.Expect(refusalReasons, socket.ThrottleCauses, socket.EndLabels())
	s.public, s.admin = s.newApp(views.NewEngine(s.site.Base.At)), s.newApp(nil)
	s.public.Server().ConnState = s.conns.note
	s.routes(s.public)
	s.opsRoutes(s.admin)
	s.pages.RenderOnce(s.public)
	return s
}

func (s *Server) newApp(pages fiber.Views) *fiber.App {
	timeout := cmp.Or(s.options.ReadTimeout, readTimeout)
	app := fiber.New(fiber.Config{
		AppName:               "chatserver",
		DisableStartupMessage: true,
		ErrorHandler:          s.answerError,
		Views:                 pages,
		Immutable:             true, // strings may outlive their request
		ReduceMemoryUsage:     true, // or a hijacked connection would keep the buffers of its request
		CaseSensitive:         true,
		ReadTimeout:           timeout,
		WriteTimeout:          responseFactor * timeout, // per response
		IdleTimeout:           idleTimeout,
		ReadBufferSize:        maxHeader,
		BodyLimit:             maxBody,
		Network:               fiber.NetworkTCP,
	})
	app.Server().MaxIdleWorkerDuration = s.options.IdleWorker
	app.Server().KeepHijackedConns = true // or closing a connection would have no effect
	app.Server().HeaderReceived = keepUpgradesOpen
	app.Server().Logger = httpLogger{s.site.Reporter.Log}
	app.Server().ErrorHandler = s.answerUnreadable(app)
	s.refuseUnknownMethods(app)
	app.Server().SecureErrorLogMessage = true // or the log would contain parts of requests
	return app
}

// Public returns the app of the public port, for app.Test.
func (s *Server) Public() *fiber.App { return s.public }

// Ops returns the app of the admin listener.
func (s *Server) Ops() *fiber.App { return s.admin }

// Serve serves the public port until Close.
func (s *Server) Serve(port net.Listener) error {
	l := newListener(port, s.options.Files, &s.conns, s.site.Reporter)
	l.limited = true
	port = l
	if s.options.TLS != nil {
		port = tlsPort{port, s.options.TLS}
	}
	return s.public.Listener(port)
}

// ServeOps serves the admin listener until Close. It may use the reserved descriptors.
func (s *Server) ServeOps(port net.Listener) error {
	return s.admin.Listener(newListener(port, 0, &s.conns, s.site.Reporter))
}

// Wait returns when every WebSocket has ended, or with the context's error. Fiber's own
// shutdown does not wait for WebSockets.
func (s *Server) Wait(ctx context.Context) error {
	done := make(chan struct{})
	go func() { s.sockets.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close stops both ports. Responses in progress have httpWait to finish; Close does not wait
// for connections without a request, which browsers open in advance.
func (s *Server) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, httpWait)
	defer cancel()
	var errs []error
	for _, app := range []*fiber.App{s.public, s.admin} {
		if err := app.ShutdownWithContext(ctx); !errors.Is(err, context.DeadlineExceeded) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// httpLogger is fasthttp's logger. Its messages are about broken connections and do not help
// an operator, so they are logged at debug level.
type httpLogger struct{ log *slog.Logger }

func (q httpLogger) Printf(format string, args ...any) {
	q.log.Debug("http connection", "error", strings.TrimSpace(fmt.Sprintf(format, args...)))
}
