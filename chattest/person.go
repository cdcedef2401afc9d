package chattest

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// Person is somebody with an open connection in plain text, through a WebSocket
// implementation that is not the server's.
type Person struct {
	t    testing.TB
	Name string
	conn *websocket.Conn
	tcp  net.Conn
}

// Connect has somebody enter a room and hear of it: the query is that of the
// URL, like "age=25&room=lobby".
func (w *World) Connect(name, query string) *Person {
	w.t.Helper()
	p, response, err := w.TryConnect(name, query, nil)
	if err != nil {
		status := 0
		if response != nil {
			status = response.StatusCode
		}
		w.t.Fatalf("%s cannot connect: %d %v", name, status, err)
	}
	return p
}

// TryConnect is Connect for those who may be refused.
func (w *World) TryConnect(name, query string, header http.Header) (*Person, *http.Response, error) {
	w.t.Helper()
	p := &Person{t: w.t, Name: name}
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	var mu sync.Mutex
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		mu.Lock()
		defer mu.Unlock()
		p.tcp = conn
		return conn, err
	}}}
	conn, response, err := websocket.Dial(ctx, w.SocketURL(name, query), &websocket.DialOptions{HTTPClient: client, HTTPHeader: header})
	if err != nil {
		return nil, response, err
	}
	conn.SetReadLimit(1 << 20)
	p.conn = conn
	w.t.Cleanup(func() { _ = conn.CloseNow() })
	return p, response, nil
}

// TakesLittle has the kernel keep little for somebody who does not read.
func (p *Person) TakesLittle() {
	if tcp, ok := p.tcp.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(4 << 10) // it only takes longer otherwise
	}
}

// Says sends a text.
func (p *Person) Says(text string) {
	p.t.Helper()
	if err := p.TrySay(text); err != nil {
		p.t.Fatalf("%s cannot say %.60q: %v", p.Name, text, err)
	}
}

// TrySay is Says for those who may be cut off.
func (p *Person) TrySay(text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	return p.conn.Write(ctx, websocket.MessageText, []byte(text))
}

// SaysBinary sends a binary frame.
func (p *Person) SaysBinary(b []byte) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	if err := p.conn.Write(ctx, websocket.MessageBinary, b); err != nil {
		p.t.Fatalf("%s cannot send: %v", p.Name, err)
	}
}

// Line returns the next line, or the error that ended the connection.
func (p *Person) Line() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	kind, line, err := p.conn.Read(ctx)
	if err == nil && kind != websocket.MessageText {
		err = errors.New("a frame that is not text")
	}
	return string(line), err
}

// Hears checks that the next lines are these, and nothing between them.
func (p *Person) Hears(lines ...string) {
	p.t.Helper()
	for _, want := range lines {
		got, err := p.Line()
		if err != nil {
			p.t.Fatalf("%s waits for %.80q and hears no more: %v", p.Name, want, err)
		}
		if got != want {
			p.t.Fatalf("%s hears %.200q instead of %.200q", p.Name, got, want)
		}
	}
}

// HearsWithin is Hears of one line, for which to wait so long.
func (p *Person) HearsWithin(wait time.Duration, want string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	if _, line, err := p.conn.Read(ctx); err != nil || string(line) != want {
		p.t.Fatalf("%s hears %.200q, %v instead of %.200q", p.Name, line, err, want)
	}
}

// Leaves closes the connection with a close frame, and returns what is heard
// before the server answers it.
func (p *Person) Leaves() (heard []string) {
	p.t.Helper()
	// By hand, because the library's own Close throws away what still comes.
	if _, err := p.tcp.Write([]byte{0x88, 0x82, 0, 0, 0, 0, 1000 >> 8, 1000 & 0xFF}); err != nil {
		p.t.Fatalf("%s cannot say goodbye: %v", p.Name, err)
	}
	code, _, heard := p.IsClosed()
	if code != 1000 {
		p.t.Fatalf("%s said goodbye with 1000 and was answered with %d", p.Name, code)
	}
	return heard
}

// Closes sends a close frame with a code, or without one if it is 0, and reads until the
// server answers.
func (p *Person) Closes(code uint16) {
	p.t.Helper()
	frame := []byte{0x88, 0x80, 0, 0, 0, 0} // final, close; masked with zeroes
	if code != 0 {
		frame[1] |= 2
		frame = binary.BigEndian.AppendUint16(frame, code)
	}
	if _, err := p.tcp.Write(frame); err != nil {
		p.t.Fatalf("%s cannot close with %d: %v", p.Name, code, err)
	}
	p.IsClosed()
}

// IsCut resets the TCP connection, as a network that breaks does.
func (p *Person) IsCut() {
	if tcp, ok := p.tcp.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = p.tcp.Close()
}

// IsClosed reads until the server closes the connection and returns its code
// and reason, and what came before.
func (p *Person) IsClosed() (code int, reason string, heard []string) {
	p.t.Helper()
	for {
		line, err := p.Line()
		var closed websocket.CloseError
		switch {
		case err == nil:
			heard = append(heard, line)
		case errors.As(err, &closed):
			_ = p.conn.CloseNow() // they hang up, as RFC 6455 §7.1.1 wants
			return int(closed.Code), closed.Reason, heard
		default:
			p.t.Fatalf("%s is not closed but cut: %v", p.Name, err)
		}
	}
}

// ahead is how many texts somebody says before hearing the first of them.
const ahead = 3

// TalksUntilClosed says one text after the other, a few ahead of what is heard,
// until the connection ends. It returns the code that it was closed with, -1 if
// there was none, and what was heard; begun is called after the first of it.
func (p *Person) TalksUntilClosed(begun func()) (code int, heard []string) {
	p.t.Helper()
	for said := 0; ; said++ {
		_ = p.TrySay(strconv.Itoa(said)) // what is wrong is heard
		if said < ahead {
			continue
		}
		line, err := p.Line()
		if len(heard) == 0 {
			begun()
		}
		if err != nil {
			_ = p.conn.CloseNow() // they hang up, as RFC 6455 §7.1.1 wants
			return int(websocket.CloseStatus(err)), heard
		}
		heard = append(heard, line)
	}
}
