package handlers

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

// idleClient is a connection with keep-alive whose requests have been answered.
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
	_ = conn.SetDeadline(time.Now().Add(time.Minute)) // it only catches hanging
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

// 205 idle connections to /healthz kept every newcomer out. Now each newcomer replaces the
// one that has been idle for longest. A request under way is not touched, nor is a
// connection whose first request may be on its way.
func TestIdleConnectionsMakeRoomForNewcomers(t *testing.T) {
	lowest, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer lowest.Close()
	var idle idleConns
	l := newListener(openPort(t), 0, &idle, slog.New(slog.DiscardHandler))
	l.most = int(lowest.Fd()) + 320 // about 110 connections: the 207 ends of the clients are here, too
	finish := make(chan struct{})
	server := &fasthttp.Server{ConnState: idle.note, ReduceMemoryUsage: true, Handler: func(ctx *fasthttp.RequestCtx) {
		if string(ctx.Path()) == "/slow" {
			<-finish
		}
	}}
	ended := make(chan error)
	go func() { ended <- server.Serve(l) }()
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
		t.Errorf("the connection that was idle for longest is open: %v", err)
	}
	last.asks("/healthz") // it is among those that were idle for the shortest time
	last.isAnswered()
	fresh.asks("/healthz")
	fresh.isAnswered()
	close(finish)
	busy.isAnswered()
	_ = l.Close()
	if err := <-ended; err != nil && !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}
