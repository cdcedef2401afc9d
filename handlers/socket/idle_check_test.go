package socket

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/chattest/tcp"
	"chatserver/handlers/request"
	"chatserver/telemetry"
	"chatserver/ws"
)

// idleChecked is a connection that a test checks for idleness as often as it likes, and its
// client.
type idleChecked struct {
	*connection
	t      *testing.T
	client net.Conn
}

func newIdleChecked(t *testing.T) idleChecked {
	t.Helper()
	server, client := tcp.Pair(t)
	r := &request.Reporter{Telemetry: telemetry.New("", nil)}
	conn := &connection{sockets: &Server{Reporter: r}}
	if err := conn.Init(server, server, 100, conn, r); err != nil {
		t.Fatal(err)
	}
	return idleChecked{conn, t, client}
}

// write sends the client a frame.
func (l idleChecked) write() {
	l.t.Helper()
	frame := ws.AppendControl(nil, ws.OpPong, []byte("hello"))
	l.Write(frame)
	if _, err := io.ReadFull(l.client, make([]byte, len(frame))); err != nil {
		l.t.Fatal(err)
	}
}

// check runs one check, and returns the opcode of the frame that was sent, or 0.
func (l idleChecked) check() (opcode byte) {
	l.t.Helper()
	l.CheckIdle()
	l.Write(ws.AppendControl(nil, ws.OpPong, []byte("end"))) // marks the end of whatever was sent
	l.TakeWroteAny()                                         // the pong does not count
	for {
		var head [2]byte
		if _, err := io.ReadFull(l.client, head[:]); err != nil {
			l.t.Fatal(err)
		}
		payload := make([]byte, head[1])
		if _, err := io.ReadFull(l.client, payload); err != nil {
			l.t.Fatal(err)
		}
		switch head[0] & 0x0F {
		case ws.OpPong:
			return opcode
		case ws.OpClose:
			if code := binary.BigEndian.Uint16(payload); code != chat.CloseUnresponsive.Code {
				l.t.Errorf("closed with %d", code)
			}
			return ws.OpClose
		default:
			opcode = head[0] & 0x0F
		}
	}
}

// No proxy or client waits longer than a ping interval for a byte, in either direction. The
// interval itself, and the time until a dead connection is noticed, stay within what others
// allow.
func TestNoDirectionIsQuietForLongerThanAPingInterval(t *testing.T) {
	const look = chat.PingInterval / chat.ChecksPerPing
	if chat.PingInterval < 25*time.Second || chat.PingInterval >= 30*time.Second {
		t.Errorf("quiet connections are pinged every %v, not every 25 to 30 s", chat.PingInterval)
	}
	if gone := (unresponsiveAfter + 1) * look; gone > time.Minute {
		t.Errorf("a dead connection is noticed after %v", gone)
	}
	for what, test := range map[string]struct {
		hears, speaks bool // before each check
		answers       bool // each ping
		pings         bool
	}{
		"nobody says anything": {answers: true, pings: true},
		"the client only speaks, as one does that pongs unasked": {hears: true, answers: true, pings: true},
		"the client only listens":                                {speaks: true, answers: true, pings: true},
		"both speak":                                             {hears: true, speaks: true, answers: true},
	} {
		l, since, pings := newIdleChecked(t), 0, 0
		for range 10 * chat.ChecksPerPing {
			if test.hears {
				l.markAlive()
			}
			if test.speaks {
				l.write()
			}
			since++
			switch l.check() {
			case ws.OpPing:
				since, pings = 0, pings+1
				l.write() // as the ping was
				if test.answers {
					l.markAlive()
				}
			case ws.OpClose:
				t.Fatalf("%s: closed", what)
			}
			if test.pings && since >= chat.ChecksPerPing {
				t.Fatalf("%s: no ping for %d looks", what, since)
			}
		}
		if !test.pings && pings > 0 || pings > 10 {
			t.Errorf("%s: %d pings in 10 intervals", what, pings)
		}
	}
}

// A connection that answers no ping is closed with 1013 after two pings, also while it is
// sent messages.
func TestAConnectionThatAnswersNoPingIsClosed(t *testing.T) {
	for _, speaks := range []bool{false, true} {
		l, pings, looks := newIdleChecked(t), 0, 0
		for end := byte(0); end != ws.OpClose; looks++ {
			if speaks {
				l.write()
			}
			if end = l.check(); end == ws.OpPing {
				pings++
			}
			if looks > 3*chat.ChecksPerPing {
				t.Fatalf("others speak: %v: not closed after %d looks and %d pings", speaks, looks, pings)
			}
		}
		if pings < 2 || looks > unresponsiveAfter {
			t.Errorf("others speak: %v: closed after %d pings, at look %d", speaks, pings, looks)
		}
	}
}
