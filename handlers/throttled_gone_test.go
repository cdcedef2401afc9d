package handlers_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"chatserver/chattest"
)

// heldBack opens a connection for Eve and holds it back for minutes: her message costs far
// more than her address may spend. It returns once the server has begun to wait.
func heldBack(t *testing.T, w *chattest.World) (*net.TCPConn, io.Reader) {
	t.Helper()
	conn := w.Dial()
	in := upgradeTo(t, w, conn, "/chat/Eve?room=lobby", "", forwardedFor("203.0.113.1"))
	if _, err := io.WriteString(conn, part(0x81, strings.Repeat("x", 8000))); err != nil {
		t.Fatal(err)
	}
	awaitPing(t, in)
	return conn, in
}

// awaitPing reads until the server pings, as it does while it holds a connection back.
func awaitPing(t *testing.T, in io.Reader) {
	t.Helper()
	for opcode := byte(0); opcode != 0x9; {
		opcode, _ = frame(t, in)
	}
}

// A connection that is held back is not read. The server notices all the same when its client
// is gone, long before its budget would let it go on.
func TestAThrottledClientThatIsGoneIsNoticed(t *testing.T) {
	for how, end := range map[string]func(*net.TCPConn) error{
		"it closes": (*net.TCPConn).Close,
		"it resets": func(conn *net.TCPConn) error {
			_ = conn.SetLinger(0)
			return conn.Close()
		},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			w := chattest.NewWorld(t, budgeted(100), chattest.PingEvery(time.Hour))
			bob := w.Connect("Bob", "")
			bob.Hears("Bob connected to chat")
			conn, _ := heldBack(t, w)
			bob.Hears("Eve connected to chat")
			if err := end(conn); err != nil {
				t.Fatal(err)
			}
			bob.Hears("Eve left the chat")
		})
	}
}

// A client that has sent everything and only listens now is not gone: it is still sent what
// others write.
func TestAThrottledClientMayStopSending(t *testing.T) {
	t.Parallel()
	w := chattest.NewWorld(t, budgeted(100), chattest.PingEvery(time.Hour))
	conn, in := heldBack(t, w)
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	for range 3 { // the third one arrives only if the client was not taken for gone
		awaitPing(t, in)
	}
	w.Connect("Bob", "").Says("hello")
	for text := ""; text != "Bob: hello"; {
		_, text = frame(t, in)
	}
}
