package handlers_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"chatserver/chattest"
	"chatserver/config"
)

// Once both close frames are sent, the server closes TCP, whichever side sent the first, and
// does not wait for the client to do it (RFC 6455 §7.1.1). Its timeout is an hour here.
func TestTheServerEndsTCPAfterBothCloseFrames(t *testing.T) {
	const (
		goodbye = "\x88\x82\x00\x00\x00\x00\x03\xe8"
		binary  = "\x82\x81\x00\x00\x00\x00x"
	)
	for what, say := range map[string]struct{ first, answer string }{
		"the client says goodbye":                       {goodbye, ""},
		"the client says goodbye without a code":        {"\x88\x80\x00\x00\x00\x00", ""},
		"the server does, at rest":                      {binary, goodbye},
		"and more comes before the client answers":      {binary, "\x81\x82\x00\x00\x00\x00hi\x89\x80\x00\x00\x00\x00" + goodbye},
		"too long a message, not all of which is there": {"\x81\xfe\xff\xff\x00\x00\x00\x00", string(make([]byte, 0xFFFF)) + goodbye},
		"too long a message in parts":                   {"\x01\xfe\xff\xff\x00\x00\x00\x00", string(make([]byte, 0xFFFF)) + "\x80\x80\x00\x00\x00\x00" + goodbye},
	} {
		for _, secure := range []bool{false, true} {
			w := chattest.NewWorld(t, chattest.ClosesWithin(time.Hour), speaksTLS(t, secure))
			conn := net.Conn(w.Dial())
			if secure {
				conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // a test
			}
			in := upgrade(t, w, conn, "/chat/Ann")
			if _, err := io.WriteString(conn, say.first); err != nil {
				t.Fatal(err)
			}
			for opcode := byte(0); opcode != 0x8; {
				opcode, _ = frame(t, in)
			}
			if _, err := io.WriteString(conn, say.answer); err != nil {
				t.Fatal(err)
			}
			if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
				t.Errorf("%s (TLS: %v): after the close frames: %v", what, secure, err)
			}
			w.Stop() // would wait for connections that are still open
		}
	}
}

// speaksTLS makes the server use TLS if secure is set.
func speaksTLS(t *testing.T, secure bool) chattest.Option {
	t.Helper()
	cert, key := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	chattest.WriteCertificate(t, cert, key, "localhost", 1)
	return chattest.With(func(c *config.Config) {
		if secure {
			c.TLSCert, c.TLSKey = cert, key
		}
	})
}

// A server that stops also closes a connection in the middle of a frame, and finds the answer
// to its close frame after the rest of that frame.
func TestAStopFindsTheCloseFrameBehindHalfAFrame(t *testing.T) {
	const whole = "\x81\x85\x00\x00\x00\x00hello"
	for cut := range whole {
		w := chattest.NewWorld(t, chattest.ClosesWithin(time.Hour))
		conn := w.Dial()
		in := upgrade(t, w, conn, "/chat/Ann")
		// The pong shows that the ping was read, and nearly always what follows it.
		if _, err := io.WriteString(conn, "\x89\x80\x00\x00\x00\x00"+whole[:cut]); err != nil {
			t.Fatal(err)
		}
		for opcode := byte(0); opcode != 0xA; {
			opcode, _ = frame(t, in)
		}
		stopped := w.StopInBackground()
		for opcode := byte(0); opcode != 0x8; {
			opcode, _ = frame(t, in)
		}
		if _, err := io.WriteString(conn, whole[cut:]+"\x88\x82\x00\x00\x00\x00\x03\xe9"); err != nil {
			t.Fatal(err)
		}
		<-stopped // otherwise the world fails the test for a late stop
	}
}
