package handlers_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"chatserver/chattest"
)

// logged is a log that can be read while it is written.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// has returns how often the log contains a text.
func (l *logged) has(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), text)
}

// garbage returns random bytes, or valid input with some bytes changed, repeated or removed.
func garbage(chance *rand.Rand, like string) []byte {
	if like == "" {
		noise := make([]byte, chance.IntN(600))
		for i := range noise {
			noise[i] = byte(chance.Uint32())
		}
		return noise
	}
	spoilt := []byte(like)
	for range 1 + chance.IntN(4) {
		at := chance.IntN(len(spoilt) + 1)
		switch rest := bytes.Clone(spoilt[at:]); chance.IntN(3) {
		case 0:
			spoilt = append(append(spoilt[:at], byte(chance.Uint32())), rest...)
		case 1:
			spoilt = append(append(spoilt[:at], rest[:len(rest)/2]...), rest...)
		default:
			spoilt = append(spoilt[:at], rest[min(1, len(rest)):]...)
		}
	}
	return spoilt
}

// likely are the valid inputs that garbage corrupts.
var likely = []string{
	"", opening, part(0x81, "hello"), part(0x81, "日本🎉"), part(0x01, "日") + part(0x80, "本"), part(0x89, "?") + part(0x88, "\x03\xe8"),
	part(0x81, `{"cmd":"join","room":"lobby","since":1}`), part(0x81, `{"cmd":"send","room":"lobby","id":"0198c5a0-7f3e-7cc2-a1b2-3c4d5e6f7a8b","text":"hi"}`),
	part(0x81, `{"cmd":"history","room":"lobby","before":9}`), part(0x81, `{"cmd":"rooms","after":"a","prefix":"b"}`),
}

// pours opens a raw socket, with or without a handshake, and sends garbage. It returns the number
// of 5xx responses, except those for a method or version that the server does not know, and the first text it receives that is not UTF-8.
func pours(t *testing.T, w *chattest.World, opened string, stream []byte) (failures int, wrong string) {
	t.Helper()
	conn, err := net.Dial("tcp", w.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(chattest.Patience))
	in := bufio.NewReader(conn)
	switch opened {
	case "":
	case "chat.v1":
		in = upgradeTo(t, w, conn, fmt.Sprint("/chat/json", rand.Uint32()), opened)
	default:
		in = upgrade(t, w, conn, fmt.Sprint("/chat/text", rand.Uint32()))
	}
	_, _ = conn.Write(stream) // the server may close before it has read everything
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
	if opened == "" {
		if response, err := http.ReadResponse(in, nil); err == nil {
			_ = response.Body.Close()
			if response.StatusCode >= 500 && response.StatusCode != http.StatusNotImplemented && response.StatusCode != http.StatusHTTPVersionNotSupported {
				failures++
			}
		}
		return failures, ""
	}
	for {
		opcode, payload, err := answerFrame(in)
		if err != nil {
			return failures, ""
		}
		if opcode == 0x1 && !utf8.ValidString(payload) {
			return failures, payload
		}
	}
}

// Arbitrary input causes no panic and no failure, and invalid UTF-8 is not delivered.
func TestGarbageIsRefusedQuietly(t *testing.T) {
	const streams = 1400
	log, seed := &logged{}, rand.Uint64()
	t.Logf("the seed is %d", seed)
	w := chattest.NewWorld(t, chattest.Log(log))
	ann := w.Join("Ann", "lobby")
	work := make(chan int)
	var pouring sync.WaitGroup
	for range 8 {
		pouring.Go(func() {
			for i := range work {
				chance := rand.New(rand.NewPCG(seed, uint64(i)))
				stream := garbage(chance, likely[max(0, i-400)%len(likely)]) // 400 are purely random
				failures, wrong := pours(t, w, []string{"", "text", "chat.v1"}[i%3], stream)
				if failures > 0 || wrong != "" {
					t.Errorf("%q is answered with %d failures, and %q", stream, failures, wrong)
				}
			}
		})
	}
	for i := range streams {
		work <- i
	}
	close(work)
	pouring.Wait()
	if n := log.has("panic"); n > 0 {
		t.Errorf("there were %d panics", n)
	}
	ann.Pings()
	for _, m := range w.Stored("lobby") {
		if !utf8.ValidString(m.Text) {
			t.Errorf("an invalid text is stored: %q", m.Text)
		}
	}
	chattest.Figure(t, "P12", "%d streams, 400 of them purely random: the server lives, 0 panics, 0 statuses of 5xx, 0 invalid texts delivered", streams)
}

// A message that is announced as too big, or grows too big, is refused early: the server reads
// little of the rest.
func TestOversizedMessagesAreRefusedEarly(t *testing.T) {
	for what, stream := range map[string]struct{ head, then string }{
		"a gigabyte, announced": {raw("\x81\xff\x00\x00\x00\x00\x40\x00\x00\x00", ""), strings.Repeat("x", 1<<16)},
		"parts without an end":  {raw("\x01\x80", ""), strings.Repeat(part(0x00, strings.Repeat("x", 1000)), 64)},
		"empty parts":           {raw("\x01\x80", ""), strings.Repeat(part(0x00, ""), 10_000)},
	} {
		w := chattest.NewWorld(t)
		conn := w.Dial()
		in := upgrade(t, w, conn, "/chat/Big")
		code := make(chan int, 1)
		go func() {
			for {
				opcode, payload, err := answerFrame(in)
				if err != nil || opcode == 0x8 && len(payload) < 2 {
					code <- 0
					return
				}
				if opcode == 0x8 {
					code <- int(payload[0])<<8 | int(payload[1])
					return
				}
			}
		}()
		taken, err := io.WriteString(conn, stream.head)
		for err == nil && taken < 64<<20 { // keep sending, even after the close frame
			var n int
			n, err = io.WriteString(conn, stream.then)
			taken += n
		}
		if got := <-code; got != 1009 || taken >= 16<<20 {
			t.Errorf("%s: closed with %d after %d bytes", what, got, taken)
		}
		chattest.Figure(t, "P11", "%s: 1009; %.1f MB taken, with the kernel's buffers", what, float64(taken)/(1<<20))
	}
}
