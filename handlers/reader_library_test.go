package handlers_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"

	"chatserver/chattest"
)

// raw is a client's frame with a mask of zeros; head is all before the mask.
func raw(head, payload string) string { return head + "\x00\x00\x00\x00" + payload }

// Each stream is answered as RFC 6455 and docs/protocol.md say; where nothing is
// expected, any answer will do. What the library that answers our handshakes would
// answer, had it the reading, go test -v shows where it differs: docs/adr/0002 is
// about that choice.
func TestStreamsAreAnsweredAsTheRFCSays(t *testing.T) {
	w := chattest.NewWorld(t)
	library := libraryServer(t, 8192)
	for i, test := range []struct{ what, stream, answer string }{
		{"a text", raw("\x81\x82", "hi"), `"hi" 1000`},
		{"text that is not UTF-8", raw("\x81\x82", "\xc3\x28"), `1007`},
		{"a surrogate", raw("\x81\x83", "\xed\xa0\x80"), `1007`},
		{"a NUL", raw("\x81\x83", "a\x00b"), `1007`},
		{"a character that is cut off", raw("\x01\x82", "\xe6\x97") + raw("\x80\x80", ""), `1007`},
		{"a binary message", raw("\x82\x82", "hi"), `1003`},
		{"reserved bit 1", raw("\xc1\x82", "hi"), `1002`},
		{"reserved bit 2", raw("\xa1\x82", "hi"), `1002`},
		{"reserved bit 3", raw("\x91\x82", "hi"), `1002`},
		{"opcode 3", raw("\x83\x82", "hi"), `1002`},
		{"opcode 11", raw("\x8b\x82", "hi"), `1002`},
		{"a ping in parts", raw("\x09\x82", "hi"), `1002`},
		{"a ping of 126 bytes", raw("\x89\xfe\x00\x7e", strings.Repeat("x", 126)), `1002`},
		{"a frame without a mask", "\x81\x02hi", `1002`},
		{"a continuation of nothing", raw("\x80\x82", "hi"), `1002`},
		{"a message inside a message", raw("\x01\x82", "hi") + raw("\x81\x82", "ho"), `1002`},
		{"a ping inside a message", raw("\x01\x82", "hi") + raw("\x89\x81", "?") + raw("\x80\x82", "ho"), `pong"?" "hiho" 1000`},
		{"a close frame of one byte", raw("\x88\x81", "\x03"), `1002`},
		{"close code 999", raw("\x88\x82", "\x03\xe7"), `1002`},
		{"close code 1004", raw("\x88\x82", "\x03\xec"), `1002`},
		{"close code 1005", raw("\x88\x82", "\x03\xed"), `1002`},
		{"close code 1006", raw("\x88\x82", "\x03\xee"), `1002`},
		{"close code 1012", raw("\x88\x82", "\x03\xf4"), `1012`},
		{"close code 1014", raw("\x88\x82", "\x03\xf6"), `1014`},
		{"close code 1015", raw("\x88\x82", "\x03\xf7"), `1002`},
		{"close code 2000", raw("\x88\x82", "\x07\xd0"), `1002`},
		{"close code 3000", raw("\x88\x82", "\x0b\xb8"), `3000`},
		{"close code 5000", raw("\x88\x82", "\x13\x88"), `1002`},
		{"a close reason that is not UTF-8", raw("\x88\x83", "\x03\xe8\xff"), `1007`},
		{"a length below zero", raw("\x81\xff\x80\x00\x00\x00\x00\x00\x00\x02", "hi"), `1002`},
		{"a length of two bytes that fits one", raw("\x81\xfe\x00\x02", "hi"), `1002`},
		{"a length of eight bytes that fits one", raw("\x81\xff\x00\x00\x00\x00\x00\x00\x00\x02", "hi"), `1002`},
		{"a close frame without a code", raw("\x88\x80", ""), `close`},
		{"a message over the limit", raw("\x81\xfe\x20\x01", strings.Repeat("x", 8193)), `1009`},
		{"a message over the limit in parts", raw("\x01\xfe\x20\x00", strings.Repeat("x", 8192)) + raw("\x80\x81", "x"), `1009`},
		{"a gigabyte, announced", raw("\x81\xff\x00\x00\x00\x00\x40\x00\x00\x00", ""), `1009`},
	} {
		name := fmt.Sprint("p", i)
		stream := test.stream + raw("\x88\x82", "\x03\xe8") // goodbye, for all who still listen
		got := answerTo(t, w, w.Address(), name, stream)
		if test.answer != "" && got != test.answer {
			t.Errorf("%s: answered with %s, not %s", test.what, got, test.answer)
		}
		if other := answerTo(t, w, library, name, stream); other != got || test.answer == "" {
			t.Logf("%s: %s; the library: %s", test.what, got, other)
		}
	}
}

// libraryServer says what each message of a connection was, with no more around
// the library than its examples have.
func libraryServer(t *testing.T, limit int64) (address string) {
	t.Helper()
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/chat/:name", websocket.New(func(ws *websocket.Conn) {
		ws.SetReadLimit(limit)
		for {
			kind, message, err := ws.ReadMessage()
			if err != nil || ws.WriteMessage(kind, append([]byte(ws.Params("name")+": "), message...)) != nil {
				return
			}
		}
	}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = app.Listener(listener) }()
	t.Cleanup(func() { _ = app.Shutdown() })
	return listener.Addr().String()
}

// answerTo is what a server answers to a stream until it hangs up: the messages it
// took, pongs, and the code of its close frame; "cut" is none.
func answerTo(t *testing.T, w *chattest.World, address, name, stream string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(chattest.Patience))
	in := upgrade(t, w, conn, "/chat/"+name)
	_, _ = io.WriteString(conn, stream) // what is not taken is not answered
	var answers []string
	for {
		opcode, payload, err := answerFrame(in)
		said, message := strings.CutPrefix(payload, name+": ")
		switch {
		case err != nil:
			return strings.Join(append(answers, "cut"), " ")
		case opcode == 0x8 && len(payload) < 2:
			return strings.Join(append(answers, "close"), " ")
		case opcode == 0x8:
			return strings.Join(append(answers, fmt.Sprint(binary.BigEndian.Uint16([]byte(payload)))), " ")
		case opcode == 0xA:
			answers = append(answers, fmt.Sprintf("pong%q", payload))
		case message:
			answers = append(answers, fmt.Sprintf("%q", said))
		}
	}
}

// answerFrame reads a frame of a server that may hang up instead; none is long.
func answerFrame(in *bufio.Reader) (opcode byte, payload string, err error) {
	var head [2]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return 0, "", err
	}
	body := make([]byte, head[1])
	_, err = io.ReadFull(in, body)
	return head[0] & 0x0F, string(body), err
}
