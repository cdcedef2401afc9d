// Package chattest is a real server on a free port and people who talk to it
// over real sockets: what tests that are sentences about people are written in.
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

	"chatserver/chat"
	"chatserver/commands"
	"chatserver/config"
	"chatserver/telemetry"
)

// Patience is how long a test waits for what must happen. Nothing is ever
// waited out: a test that passes does not take as long.
const Patience = time.Minute

// World is a running server and its people.
type World struct {
	beside []*World // the other nodes of a fleet, to which its networks lead as well
	t      testing.TB
	config config.Config
	server *commands.Server
	beat   time.Duration
	now    func() time.Time
	wrap   func(chat.Store) chat.Store
	log    io.Writer
	within time.Duration
	closes time.Duration
	idle   time.Duration
	space  func(folder string) (telemetry.Space, error)
}

// Option changes the world before it starts.
type Option func(*World)

// With changes the settings.
func With(change func(*config.Config)) Option { return func(w *World) { change(&w.config) } }

// OnPostgres has the server keep everything in a database of Postgres.
func OnPostgres(database string) Option {
	return With(func(c *config.Config) { c.Database = database })
}

// OnNATS has the server tell other nodes, and hear of them, through a NATS.
func OnNATS(url string) Option { return With(func(c *config.Config) { c.NATS = []string{url} }) }

// OnAllAddresses has the server listen as it does by default, but on a free port.
func OnAllAddresses() Option { return With(func(c *config.Config) { c.Listen = ":0" }) }

// Beat has the server look after its connections so often.
func Beat(every time.Duration) Option { return func(w *World) { w.beat = every } }

// Clock has the server go by another clock.
func Clock(now func() time.Time) Option { return func(w *World) { w.now = now } }

// Store has the server use a store around its own.
func Store(wrap func(chat.Store) chat.Store) Option { return func(w *World) { w.wrap = wrap } }

// RequestsWithin has the server wait so long for a request, instead of some seconds.
func RequestsWithin(wait time.Duration) Option { return func(w *World) { w.within = wait } }

// ClosesWithin has the server wait so long for the answer to a close frame of its own,
// instead of some seconds.
func ClosesWithin(wait time.Duration) Option { return func(w *World) { w.closes = wait } }

// WorkersWait is how long the server's goroutines wait for their next connection before
// they end, instead of some seconds.
func WorkersWait(idle time.Duration) Option { return func(w *World) { w.idle = idle } }

// Log has the server log to a writer instead of the test's log.
func Log(to io.Writer) Option { return func(w *World) { w.log = to } }

// Space has the system answer for the space of a disk, instead of the one that the
// test runs on.
func Space(of func(folder string) (telemetry.Space, error)) Option {
	return func(w *World) { w.space = of }
}

// NewWorld starts a server without limits of rate, in a folder of its own, that also answers
// to the host name chat.example. It stops with the test.
func NewWorld(t testing.TB, options ...Option) *World {
	t.Helper()
	none := config.Size(0) // the disk of whoever runs the tests may be almost full
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

// Start starts the server, again after Stop, on the same port and folder.
func (w *World) Start() {
	w.t.Helper()
	server, err := commands.Start(w.config, commands.Options{
		Beat: w.beat, Now: w.now, Wrap: w.wrap, ReadTimeout: w.within, CloseWait: w.closes, IdleWorker: w.idle, Space: w.space, Log: slog.New(slog.NewTextHandler(w.log, nil)),
	})
	if err != nil {
		w.t.Fatalf("start the server: %v", err)
	}
	w.server = server
	if address := server.Addr().String(); w.config.Listen != address { // who comes back all the time may be reading it
		w.config.Listen = address
	}
}

// Stop stops the server as SIGTERM does, and fails unless it is done in time.
func (w *World) Stop() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	server := w.server
	w.server = nil
	if err := server.Stop(ctx); err != nil {
		w.t.Errorf("stop the server: %v", err)
	}
}

// StopInBackground is Stop for those who want to see it happen; the channel is
// closed when it is done.
func (w *World) StopInBackground() <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Stop()
	}()
	return done
}

// anyAddress is that of this server, or of one of the nodes beside it.
func (w *World) anyAddress() string {
	if i := rand.IntN(1 + len(w.beside)); i > 0 { //nolint:gosec // a balancer
		return w.beside[i-1].Address()
	}
	return w.Address()
}

// Address is the host and port of the public port.
func (w *World) Address() string { return w.config.Listen }

// Ops is the host and port of the operators' port.
func (w *World) Ops() string { return w.server.OpsAddr().String() }

// Data is the data folder.
func (w *World) Data() string { return w.config.Data }

// URL is a page's URL.
func (w *World) URL(path string) string { return "http://" + w.Address() + path }

// SocketURL is the URL at which somebody chats; query may be empty.
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

// Handshake sends the request of an opening handshake as it is, with headers in
// pairs, and returns the answer and what it says.
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
