// Package peerstest checks over real sockets that a peer does what the benchmark
// requires.
package peerstest

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// patience is far more than anything here takes; it ends a test that hangs.
const patience = 20 * time.Second

// Check checks that a server is a peer. serve must serve the listener until the context
// ends.
func Check(t *testing.T, serve func(context.Context, net.Listener) error) {
	t.Run("members hear each other in order", func(t *testing.T) {
		s := start(t, serve)
		ann, bob := s.enters("Ann", "?room=attic"), s.enters("Bob", "?room=attic&age=25")
		for _, text := range []string{"hi", "there"} {
			ann.says(text)
		}
		ann.hears("Ann: hi", "Ann: there")
		bob.hears("Ann: hi", "Ann: there")
		bob.says("hello")
		ann.hears("Bob: hello")
		bob.hears("Bob: hello")
	})
	t.Run("another room hears nothing", func(t *testing.T) {
		s := start(t, serve)
		ann, cid := s.enters("Ann", ""), s.enters("Cid", "?room=attic")
		bob := s.enters("Bob", "?room=lobby")
		ann.says("hi")
		ann.hears("Ann: hi") // so it was sent before what follows
		cid.says("alone")
		cid.hears("Cid: alone")
		bob.hears("Ann: hi")
	})
	t.Run("who leaves is missed by nobody", func(t *testing.T) {
		s := start(t, serve)
		ann, bob := s.enters("Ann", ""), s.enters("Bob", "")
		bob.leaves()
		ann.says("hi")
		ann.hears("Ann: hi")
		s.enters("Bob", "").says("again")
		ann.hears("Bob: again")
	})
	t.Run("it is healthy, and ends while people are there", func(t *testing.T) {
		s := start(t, serve)
		s.enters("Ann", "")
		s.isHealthy()
		s.stops()
	})
}

// server is a peer under test.
type server struct {
	*testing.T
	address string
	stop    context.CancelFunc
	ended   chan error
}

func start(t *testing.T, serve func(context.Context, net.Listener) error) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &server{T: t, address: listener.Addr().String(), stop: stop, ended: make(chan error, 1)}
	go func() {
		s.ended <- serve(ctx, listener)
		close(s.ended)
	}()
	t.Cleanup(s.stops)
	return s
}

// stops stops the peer, which must end without an error.
func (s *server) stops() {
	s.Helper()
	s.stop()
	select {
	case err := <-s.ended:
		if err != nil {
			s.Errorf("it ended with %v", err)
		}
	case <-time.After(patience):
		s.Error("it does not end")
	}
}

func (s *server) isHealthy() {
	s.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+s.address+"/healthz", nil)
	if err != nil {
		s.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		s.Errorf("its health check returns %s", response.Status)
	}
}

// person is a client in a room.
type person struct {
	*testing.T
	name string
	ws   *websocket.Conn
}

// enters opens a connection from another origin, and returns when the person has
// received its own joined line.
func (s *server) enters(name, query string) *person {
	s.Helper()
	header := http.Header{"Origin": {"http://elsewhere.example"}}
	ws, response, err := websocket.DefaultDialer.Dial("ws://"+s.address+"/chat/"+name+query, header)
	if err != nil {
		s.Fatalf("%s cannot connect: %v", name, err)
	}
	_ = response.Body.Close() // the response to an upgrade has no body
	s.Cleanup(func() {
		_ = ws.Close() // the peer may have closed it
	})
	p := &person{T: s.T, name: name, ws: ws}
	p.hears(name + " connected to chat")
	return p
}

func (p *person) says(text string) {
	p.Helper()
	if err := p.ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		p.Fatalf("%s cannot send %q: %v", p.name, text, err)
	}
}

// hears checks the next frames, one text each.
func (p *person) hears(texts ...string) {
	p.Helper()
	for _, want := range texts {
		if got, err := p.next(); err != nil || got != want {
			p.Fatalf("%s receives %q, %v, want %q", p.name, got, err, want)
		}
	}
}

func (p *person) next() (string, error) {
	if err := p.ws.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return "", err
	}
	_, text, err := p.ws.ReadMessage()
	return string(text), err
}

// leaves sends a close frame, which the peer must answer.
func (p *person) leaves() {
	p.Helper()
	goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	if err := p.ws.WriteMessage(websocket.CloseMessage, goodbye); err != nil {
		p.Fatal(err)
	}
	if text, err := p.next(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		p.Fatalf("%s leaves and receives %q, %v", p.name, text, err)
	}
}
