// Package handlers holds the doors of the chat: HTTP, and the WebSocket. A door
// checks what is asked, asks package chat, and answers; it holds no rules. Read
// socket.go first: it is the life of a connection.
package handlers

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"chatserver/chat"
	"chatserver/telemetry"
	"chatserver/views"
)

const (
	// readTimeout bounds how long the first byte of a request may take, and then the
	// request: who sends a byte a second holds a connection no longer than this, twice.
	readTimeout = 10 * time.Second
	// idleTimeout is how long a connection is kept for a next request.
	idleTimeout = 60 * time.Second
	// httpWait is how long a stop waits for answers under way: pages take
	// milliseconds.
	httpWait = time.Second
	// maxHeader is the size of a request's headers; large single-sign-on cookies
	// of other programs on the same host must fit.
	maxHeader = 16 << 10
	// maxBody is what is read of a request's body. No route wants one.
	maxBody = 64 << 10
)

// Options are the settings of the doors.
type Options struct {
	MaxText        int            // bytes of one message
	Rate           int            // messages a second of one connection; 0 = no limit
	ByteRate       int            // bytes a second delivered to each member because of one payer; 0 = no limit
	Base           *url.URL       // where people reach the chat: scheme, host and perhaps a path; nil = at the root of the host that they ask
	Hosts          []string       // host names that the public port answers to, besides IP addresses and private names
	OpsHosts       []string       // host names that the operators' port answers to, besides IP addresses and localhost
	Origins        []string       // further origins that may open a connection, as scheme://host[:port]
	MaxPerAddress  int            // connections of one address, WebSockets and HTTP, by which goes how fast it may open them; 0 = no limit
	TrustedProxies []netip.Prefix // networks whose X-Forwarded-For and -Proto are believed
	Version        string         // what /version says, as the next two
	Commit         string
	Built          string
	Telemetry      *telemetry.Telemetry // nil = one of its own
	TLS            *tls.Config          // how the public port speaks TLS; nil if it does not
	Log            *slog.Logger
	Stopping       <-chan struct{} // closed when the server begins to stop
	ShortIDs       *ShortIDs       // the one that Frames was called with; required
	Files          int             // descriptors that this process may have; 0 = no limit
	ReadTimeout    time.Duration   // of a request; 0 = 10 s
	IdleWorker     time.Duration   // how long a goroutine waits for its next connection before it ends; 0 = 10 s
	DiskTrouble    func() string   // what is wrong with the disk of the database; empty, or nil, if nothing is
	CloseWait      time.Duration   // how long a close frame of ours may wait for its answer; 0 = 5 s
}

// Server is all doors of one chat.
type Server struct {
	chat     *chat.Chat
	options  Options
	base     base
	origins  map[string]bool
	reporter *reporter
	log      *slog.Logger
	sockets  *sockets
	limiter  *rateLimiter
	budgets  *budgets
	public   *fiber.App
	ops      *fiber.App

	readiness readiness
	memory    memoryPressure
	probes    requestProbes
	unknown   unknownHosts
	conns     httpConns
}

// Frames returns the frames of each kind of connection, for chat.New.
func Frames(shortIDs *ShortIDs) [len(kinds{})]chat.Frames {
	var frames [len(kinds{})]chat.Frames
	for kind, f := range newKinds(shortIDs) {
		frames[kind] = f
	}
	return frames
}

// New makes the doors of a chat.
func New(c *chat.Chat, options Options) *Server {
	if options.Telemetry == nil {
		options.Telemetry = telemetry.New(options.Version, nil)
	}
	s := &Server{chat: c, options: options, base: newBase(options.Base), reporter: &reporter{options.Telemetry, options.Log}, log: options.Log, origins: map[string]bool{}}
	for _, origin := range options.Origins {
		s.origins[strings.ToLower(origin)] = true
	}
	if own := s.base.origin(); own != "" {
		s.origins[strings.ToLower(own)] = true
	}
	s.unknown.to = options.Log
	s.conns = httpConns{limit: options.MaxPerAddress, exempt: s.exempt, webSockets: c.ConnectionsFrom}
	s.limiter, s.budgets = newRateLimiter(options.MaxPerAddress), newBudgets(options.ByteRate)
	s.sockets = &sockets{chat: c, options: options, kinds: newKinds(options.ShortIDs), limiter: s.limiter, budgets: s.budgets, reporter: s.reporter}
	options.Telemetry.Expect(refusalReasons, throttleCauses, slices.AppendSeq(slices.Clone(otherEndReasons), maps.Values(endReasons)))
	s.public, s.ops = s.newApp(views.NewEngine(s.base.at)), s.newApp(nil)
	s.public.Server().ConnState = s.conns.note
	s.routes(s.public)
	s.opsRoutes(s.ops)
	s.renderOnce()
	return s
}

// renderOnce renders a page before there are visitors. Fiber (2.52) lists its apps at
// the first Render without a lock, for which two first visitors at once would race.
func (s *Server) renderOnce() {
	c := s.public.AcquireCtx(&fasthttp.RequestCtx{})
	defer s.public.ReleaseCtx(c)
	view := &pageView{preferences: s.preferencesOf(c)} // names no files: those are bundled when somebody comes
	if err := c.Render("offline", view, "layout"); err != nil {
		s.log.Error("pages cannot be rendered", "error", err)
	}
}

func (s *Server) newApp(pages fiber.Views) *fiber.App {
	app := fiber.New(fiber.Config{
		AppName:               "chatserver",
		DisableStartupMessage: true,
		ErrorHandler:          s.answerError,
		Views:                 pages,
		Immutable:             true, // strings of a request outlive it
		ReduceMemoryUsage:     true, // a hijacked connection keeps no buffer of the request
		CaseSensitive:         true,
		ReadTimeout:           cmp.Or(s.options.ReadTimeout, readTimeout),
		IdleTimeout:           idleTimeout,
		ReadBufferSize:        maxHeader,
		BodyLimit:             maxBody,
		Network:               fiber.NetworkTCP,
	})
	app.Server().MaxIdleWorkerDuration = s.options.IdleWorker
	app.Server().KeepHijackedConns = true // or Close would close nothing
	app.Server().HeaderReceived = keepUpgradesOpen
	app.Server().Logger = httpLogger{s.log}
	app.Server().ErrorHandler = s.answerUnreadable(app)
	s.refuseUnknownMethods(app)
	app.Server().SecureErrorLogMessage = true // or the log would have parts of the request
	return app
}

// Public is the public port's app, for app.Test.
func (s *Server) Public() *fiber.App { return s.public }

// Ops is the operators' port's app.
func (s *Server) Ops() *fiber.App { return s.ops }

// Serve serves the public port until Close.
func (s *Server) Serve(port net.Listener) error {
	l := newListener(port, s.options.Files, &s.conns, s.reporter)
	l.limited = true
	port = l
	if s.options.TLS != nil {
		port = tlsPort{port, s.options.TLS}
	}
	return s.public.Listener(port)
}

// ServeOps serves the operators' port until Close. Operators get the descriptors that
// newcomers don't.
func (s *Server) ServeOps(port net.Listener) error {
	return s.ops.Listener(newListener(port, 0, &s.conns, s.reporter))
}

// Wait returns when every connection has ended, or with the context's error.
// Fiber's own shutdown does not know of WebSockets.
func (s *Server) Wait(ctx context.Context) error {
	done := make(chan struct{})
	go func() { s.sockets.wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close ends both ports. Answers under way have httpWait to be finished; a
// connection on which nobody asks anything, as browsers open them in advance,
// is not waited for.
func (s *Server) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, httpWait)
	defer cancel()
	var errs []error
	for _, app := range []*fiber.App{s.public, s.ops} {
		if err := app.ShutdownWithContext(ctx); !errors.Is(err, context.DeadlineExceeded) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// httpLogger is fasthttp's logger: what it says is about broken connections, and of
// no use to an operator.
type httpLogger struct{ log *slog.Logger }

func (q httpLogger) Printf(format string, args ...any) {
	q.log.Debug("http connection", "error", strings.TrimSpace(fmt.Sprintf(format, args...)))
}
