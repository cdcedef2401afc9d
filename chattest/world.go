// Package chattest runs a real server on a free port, and people who connect to it over
// real sockets. Tests use it to be sentences about people.
package chattest

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"chatserver/accounts"
	"chatserver/chat"
	"chatserver/commands"
	"chatserver/config"
	"chatserver/telemetry"
)

// Patience is how long a test waits for what must happen. It only bounds failures: a
// passing test never waits for it.
const Patience = time.Minute

// World is a running server and its people.
type World struct {
	beside    []*World // the other nodes of a fleet, which its networks lead to as well
	t         testing.TB
	config    config.Config
	server    *commands.Server
	pingEvery time.Duration
	now       func() time.Time
	wrap      func(chat.Store) chat.Store
	log       io.Writer
	within    time.Duration
	closes    time.Duration
	idle      time.Duration
	space     func(folder string) (telemetry.Space, error)
}

// Option changes a world before it starts.
type Option func(*World)

// With changes the settings.
func With(change func(*config.Config)) Option { return func(w *World) { change(&w.config) } }

// OnPostgres makes the server use a Postgres database.
func OnPostgres(database string) Option {
	return With(func(c *config.Config) { c.Database = database })
}

// OnNATS connects the server to other nodes through NATS.
func OnNATS(url string) Option { return With(func(c *config.Config) { c.NATS = []string{url} }) }

// OnAllAddresses makes the server listen on all addresses, as by default, but on a free
// port.
func OnAllAddresses() Option { return With(func(c *config.Config) { c.Listen = ":0" }) }

// PingEvery sets the interval of the server's pings.
func PingEvery(every time.Duration) Option { return func(w *World) { w.pingEvery = every } }

// Clock replaces the server's clock.
func Clock(now func() time.Time) Option { return func(w *World) { w.now = now } }

// Store wraps the server's store.
func Store(wrap func(chat.Store) chat.Store) Option { return func(w *World) { w.wrap = wrap } }

// RequestsWithin sets how long the server waits for a request, instead of some seconds.
func RequestsWithin(wait time.Duration) Option { return func(w *World) { w.within = wait } }

// ClosesWithin sets how long the server waits for the answer to its close frame, instead
// of some seconds.
func ClosesWithin(wait time.Duration) Option { return func(w *World) { w.closes = wait } }

// WorkersWait sets how long the server's idle goroutines wait for another connection
// before they end, instead of some seconds.
func WorkersWait(idle time.Duration) Option { return func(w *World) { w.idle = idle } }

// Log sends the server's log to a writer instead of the test's log.
func Log(to io.Writer) Option { return func(w *World) { w.log = to } }

// Space replaces the system call that returns the free space of a disk.
func Space(of func(folder string) (telemetry.Space, error)) Option {
	return func(w *World) { w.space = of }
}

// NewWorld starts a server without rate limits, in a directory of its own. It also
// answers to the host name chat.example. It stops with the test.
func NewWorld(t testing.TB, options ...Option) *World {
	t.Helper()
	none := config.Size(0) // the disk of the machine that runs the tests may be almost full
	w := &World{t: t, log: t.Output(), config: config.Config{
		MinFreeDisk: &none,
		Listen:      FreeAddress(t), Ops: "127.0.0.1:0", Data: t.TempDir(), Hosts: []string{"chat.example"},
		MaxText: 8192, MaxPerAddress: 100, MaxRooms: 10000, AnnounceLimit: 256,
	}}
	for _, option := range options {
		option(w)
	}
	w.Start()
	t.Cleanup(func() {
		if w.server != nil {
			w.Stop()
		}
	})
	return w
}

// quickPasswords are parameters with which tests do not wait for passwords. Those of commands
// are the usual ones.
var quickPasswords = accounts.Params{Memory: 64, Time: 1, Threads: 1}

// Start starts the server, or starts it again after Stop on the same port and directory.
func (w *World) Start() {
	w.t.Helper()
	server, err := commands.Start(w.config, commands.Options{
		PingInterval: w.pingEvery, Now: w.now, WrapStore: w.wrap, ReadTimeout: w.within, CloseWait: w.closes, IdleWorker: w.idle, Space: w.space, Passwords: quickPasswords, Log: slog.New(slog.NewTextHandler(w.log, nil)),
	})
	if err != nil {
		w.t.Fatalf("start the server: %v", err)
	}
	w.server = server
	if address := server.Addr().String(); w.config.Listen != address { // clients that keep reconnecting may be reading it
		w.config.Listen = address
	}
}

// Stop stops the server as SIGTERM does, and fails unless it finishes in time.
func (w *World) Stop() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), stopTime())
	defer cancel()
	server := w.server
	w.server = nil
	if err := server.Stop(ctx); err != nil {
		w.t.Errorf("stop the server: %v", err)
	}
}

// stopTime is how long a stop may take: the ten seconds that are promised in the long form,
// see Exceeds, and Patience in the short one.
func stopTime() time.Duration {
	if Long() {
		return 10 * time.Second
	}
	return Patience
}

// StopInBackground is Stop for tests that watch it happen; the channel is closed when it
// is done.
func (w *World) StopInBackground() <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Stop()
	}()
	return done
}

// anyAddress returns the address of this server, or of one of the nodes beside it.
func (w *World) anyAddress() string {
	if i := rand.IntN(1 + len(w.beside)); i > 0 { //nolint:gosec // a balancer
		return w.beside[i-1].Address()
	}
	return w.Address()
}

// Address returns the host and port of the public port.
func (w *World) Address() string { return w.config.Listen }

// Ops returns the host and port of the admin listener.
func (w *World) Ops() string { return w.server.OpsAddr().String() }

// Data returns the data directory.
func (w *World) Data() string { return w.config.Data }

// URL returns the URL of a page.
func (w *World) URL(path string) string { return "http://" + w.Address() + path }

// SocketURL returns the WebSocket URL for a name; query may be empty.
func (w *World) SocketURL(name, query string) string {
	u := url.URL{Scheme: "ws", Host: w.Address(), Path: "/chat/" + name, RawQuery: query}
	return u.String()
}

// Dial opens a bare TCP connection to the public port.
func (w *World) Dial() *net.TCPConn {
	w.t.Helper()
	conn, err := net.DialTimeout("tcp", w.Address(), Patience)
	if err != nil {
		w.t.Fatalf("dial: %v", err)
	}
	w.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(Patience))
	return conn.(*net.TCPConn)
}

// Handshake sends an opening handshake with the given headers, in pairs, and returns the
// response and its body.
func (w *World) Handshake(path string, headers ...string) (*http.Response, string) {
	w.t.Helper()
	conn := w.Dial()
	request := "GET " + path + " HTTP/1.1\r\n"
	for i := 0; i < len(headers); i += 2 {
		request += headers[i] + ": " + headers[i+1] + "\r\n"
	}
	if _, err := conn.Write([]byte(request + "\r\n")); err != nil {
		w.t.Fatalf("handshake: %v", err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		w.t.Fatalf("handshake: %v", err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusSwitchingProtocols {
		return response, ""
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatalf("handshake: %v", err)
	}
	return response, string(body)
}
