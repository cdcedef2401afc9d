package handlers

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"chatserver/handlers/request"
	"chatserver/telemetry"
)

// idleClient is a keep-alive connection.
type idleClient struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func openIdle(t *testing.T, l net.Listener) *idleClient {
	t.Helper()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(time.Minute)) // only catches a hang
	return &idleClient{t: t, conn: conn, in: bufio.NewReader(conn)}
}

func (c *idleClient) asks(path string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		c.t.Fatal(err)
	}
}

func (c *idleClient) isAnswered() {
	c.t.Helper()
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	if response.StatusCode != 200 {
		c.t.Fatalf("answered with %s", response.Status)
	}
}

// isClosed waits until the server has closed the connection without an answer.
func (c *idleClient) isClosed() {
	c.t.Helper()
	if answer, err := io.ReadAll(c.in); err != nil && !errors.Is(err, syscall.ECONNRESET) || len(answer) > 0 {
		c.t.Errorf("the connection is not closed: %q, %v", answer, err)
	}
}

// isRefused sends a request and waits until the server has refused the connection.
func (c *idleClient) isRefused() {
	c.t.Helper()
	c.asks("/")
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	said, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	_ = c.conn.Close()
	if err != nil || response.StatusCode != 429 || string(said) != reasonTooManyConns || response.Header.Get("Retry-After") == "" || !response.Close {
		c.t.Errorf("refused with %s %q, %v", response.Status, said, err)
	}
}

func testReporter(to slog.Handler) *request.Reporter {
	return &request.Reporter{Telemetry: telemetry.New("", nil), Log: slog.New(to)}
}

// serveSlowly serves a port until the end of the test, and calls noted whenever a connection
// has been recorded as idle. Requests for /slow are answered only after finish is called.
func serveSlowly(t *testing.T, l *listener, noted func()) (finish func()) {
	t.Helper()
	slow := make(chan struct{})
	note := func(conn net.Conn, state fasthttp.ConnState) {
		l.conns.note(conn, state)
		if state == fasthttp.StateIdle {
			noted()
		}
	}
	server := &fasthttp.Server{ConnState: note, ReduceMemoryUsage: true, Handler: func(ctx *fasthttp.RequestCtx) {
		if string(ctx.Path()) == "/slow" {
			<-slow
		}
	}}
	ended := make(chan error)
	go func() { ended <- server.Serve(l) }()
	finish = sync.OnceFunc(func() { close(slow) })
	t.Cleanup(func() {
		finish()
		_ = l.Close()
		if err := <-ended; err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return finish
}

// Once, 205 idle connections to /healthz kept every new client out. Now each new connection
// replaces the longest idle one. A connection with a request in progress is kept, and so is
// one whose first request may be on its way.
func TestNewConnectionsReplaceIdleOnes(t *testing.T) {
	lowest, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer lowest.Close()
	var conns httpConns
	l := newListener(openPort(t), 0, &conns, testReporter(slog.DiscardHandler))
	l.firstReserved = int(lowest.Fd()) + 320 // about 110 connections: the 207 client ends use descriptors of this process as well
	finish := serveSlowly(t, l, func() {})
	first := openIdle(t, l)
	first.asks("/healthz")
	first.isAnswered()
	busy := openIdle(t, l)
	busy.asks("/slow")
	fresh := openIdle(t, l)
	var last *idleClient
	for range 205 {
		last = openIdle(t, l)
		last.asks("/healthz")
		last.isAnswered()
	}
	newcomer := openIdle(t, l)
	newcomer.asks("/")
	newcomer.isAnswered()
	if _, err := first.in.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("the longest idle connection is still open: %v", err)
	}
	last.asks("/healthz") // one of the most recently idle
	last.isAnswered()
	fresh.asks("/healthz")
	fresh.isAnswered()
	finish()
	busy.isAnswered()
}
