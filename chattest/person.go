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

// Person is a test client that speaks plain text, with a WebSocket implementation other
// than the server's.
type Person struct {
	t    testing.TB
	Name string
	conn *websocket.Conn
	tcp  net.Conn
}

// Connect connects a person to a room, and waits for the line that says so. The query is
// that of the URL, like "age=25&room=lobby".
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

// TryConnect is Connect for connections that may be refused.
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

// TakesLittle shrinks the receive buffer of a person who does not read.
func (p *Person) TakesLittle() {
	if tcp, ok := p.tcp.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(4 << 10) // without it, the test only takes longer
	}
}

// Says sends a text.
func (p *Person) Says(text string) {
	p.t.Helper()
	if err := p.TrySay(text); err != nil {
		p.t.Fatalf("%s cannot say %.60q: %v", p.Name, text, err)
	}
}

// TrySay is Says for connections that may be closed.
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

// Hears checks that the next lines are exactly these.
func (p *Person) Hears(lines ...string) {
	p.t.Helper()
	for _, want := range lines {
		got, err := p.Line()
		if err != nil {
			p.t.Fatalf("%s waits for %.80q, but the connection ended: %v", p.Name, want, err)
		}
		if got != want {
			p.t.Fatalf("%s hears %.200q, want %.200q", p.Name, got, want)
		}
	}
}

// HearsWithin is Hears for one line, with its own timeout.
func (p *Person) HearsWithin(wait time.Duration, want string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	if _, line, err := p.conn.Read(ctx); err != nil || string(line) != want {
		p.t.Fatalf("%s hears %.200q, %v, want %.200q", p.Name, line, err, want)
	}
}

// Leaves closes the connection with a close frame, and returns the lines that arrive
// before the server's close frame.
func (p *Person) Leaves() (heard []string) {
	p.t.Helper()
	// The frame is written by hand, because the library's own Close discards what still
	// arrives.
	if _, err := p.tcp.Write([]byte{0x88, 0x82, 0, 0, 0, 0, 1000 >> 8, 1000 & 0xFF}); err != nil {
		p.t.Fatalf("%s cannot send a close frame: %v", p.Name, err)
	}
	code, _, heard := p.IsClosed()
	if code != 1000 {
		p.t.Fatalf("%s closed with 1000, and the server answered with %d", p.Name, code)
	}
	return heard
}

// Closes sends a close frame with a code, or without one if code is 0, and reads until
// the server answers.
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

// IsCut resets the TCP connection, as a broken network does.
func (p *Person) IsCut() {
	if tcp, ok := p.tcp.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = p.tcp.Close()
}

// IsClosed reads until the server closes the connection, and returns the close code, the
// reason and the lines before it.
func (p *Person) IsClosed() (code int, reason string, heard []string) {
	p.t.Helper()
	for {
		line, err := p.Line()
		var closed websocket.CloseError
		switch {
		case err == nil:
			heard = append(heard, line)
		case errors.As(err, &closed):
			_ = p.conn.CloseNow() // the client closes TCP, as RFC 6455 §7.1.1 allows
			return int(closed.Code), closed.Reason, heard
		default:
			p.t.Fatalf("%s's connection was cut instead of closed: %v", p.Name, err)
		}
	}
}

// ahead is the number of texts that a person sends before the first of them comes back.
const ahead = 3

// TalksUntilClosed sends one text after the other, a few ahead of what comes back, until
// the connection ends. It returns the close code (-1 without a close frame) and the
// received lines. It calls begun after the first line.
func (p *Person) TalksUntilClosed(begun func()) (code int, heard []string) {
	p.t.Helper()
	for said := 0; ; said++ {
		_ = p.TrySay(strconv.Itoa(said)) // a failure shows when reading
		if said < ahead {
			continue
		}
		line, err := p.Line()
		if len(heard) == 0 {
			begun()
		}
		if err != nil {
			_ = p.conn.CloseNow() // the client closes TCP, as RFC 6455 §7.1.1 allows
			return int(websocket.CloseStatus(err)), heard
		}
		heard = append(heard, line)
	}
}
