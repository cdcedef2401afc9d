package handlers_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"chatserver/chattest"
)

// This file tests conformance with RFC 6455 over raw sockets. conformance_handshake_test.go
// covers the opening handshake, and ws/reader_test.go how the reader waits for bytes.

// raw returns a client frame with a mask of zeros; head is everything before the mask.
func raw(head, payload string) string { return head + "\x00\x00\x00\x00" + payload }

// part returns a client frame of any length, with the shortest length encoding.
func part(first byte, payload string) string {
	head := []byte{first}
	switch n := len(payload); {
	case n < 126:
		head = append(head, 0x80|byte(n))
	case n < 1<<16:
		head = binary.BigEndian.AppendUint16(append(head, 0x80|126), uint16(n))
	default:
		head = binary.BigEndian.AppendUint64(append(head, 0x80|127), uint64(n))
	}
	return raw(string(head), payload)
}

// streams are inputs of clients with the expected answers: echoed messages, pongs, and the
// code of the close frame.
var streams = []struct{ what, stream, answer string }{
	{"a text", raw("\x81\x82", "hi"), `"hi" 1000`},
	{"a masked text", "\x81\x82\x01\x02\x03\x04" + "ik", `"hi" 1000`},
	{"an empty text", raw("\x81\x80", ""), `1000`},
	{"125 bytes", part(0x81, strings.Repeat("x", 125)), `125 1000`},
	{"126 bytes", part(0x81, strings.Repeat("x", 126)), `126 1000`},
	{"as long as may be", part(0x81, strings.Repeat("x", 8192)), `8192 1000`},

	{"reserved bit 1", raw("\xc1\x82", "hi"), `1002`},
	{"reserved bit 2", raw("\xa1\x82", "hi"), `1002`},
	{"reserved bit 3", raw("\x91\x82", "hi"), `1002`},
	{"reserved bit 1 of a continuation", raw("\x01\x82", "hi") + raw("\xc0\x82", "ho"), `1002`},
	{"reserved bit 1 of a ping", raw("\xc9\x80", ""), `1002`},
	{"opcode 3", raw("\x83\x82", "hi"), `1002`},
	{"opcode 4", raw("\x84\x82", "hi"), `1002`},
	{"opcode 5", raw("\x85\x82", "hi"), `1002`},
	{"opcode 6", raw("\x86\x82", "hi"), `1002`},
	{"opcode 7", raw("\x87\x82", "hi"), `1002`},
	{"opcode 11", raw("\x8b\x80", ""), `1002`},
	{"opcode 12", raw("\x8c\x80", ""), `1002`},
	{"opcode 13", raw("\x8d\x80", ""), `1002`},
	{"opcode 14", raw("\x8e\x80", ""), `1002`},
	{"opcode 15", raw("\x8f\x80", ""), `1002`},
	{"a text without a mask", "\x81\x02hi", `1002`},
	{"a ping without a mask", "\x89\x00", `1002`},
	{"a close frame without a mask", "\x88\x02\x03\xe8", `1002`},
	{"two bytes for a length that fits one", raw("\x81\xfe\x00\x02", "hi"), `1002`},
	{"eight bytes for a length that fits one", raw("\x81\xff\x00\x00\x00\x00\x00\x00\x00\x02", "hi"), `1002`},
	{"eight bytes for a length that fits two", raw("\x81\xff\x00\x00\x00\x00\x00\x00\x00\x7e", strings.Repeat("x", 126)), `1002`},
	{"a length below zero", raw("\x81\xff\x80\x00\x00\x00\x00\x00\x00\x02", "hi"), `1002`},
	{"a binary message", raw("\x82\x82", "hi"), `1003`},
	{"a binary message in parts", raw("\x02\x82", "hi") + raw("\x80\x82", "ho"), `1003`},

	{"a message in two parts", raw("\x01\x82", "hi") + raw("\x80\x82", "ho"), `"hiho" 1000`},
	{"a message in four parts, some empty", raw("\x01\x80", "") + raw("\x00\x82", "hi") + raw("\x00\x80", "") + raw("\x80\x82", "ho"), `"hiho" 1000`},
	{"a ping inside a message", raw("\x01\x82", "hi") + raw("\x89\x81", "?") + raw("\x80\x82", "ho"), `pong"?" "hiho" 1000`},
	{"a pong inside a message", raw("\x01\x82", "hi") + raw("\x8a\x81", "!") + raw("\x80\x82", "ho"), `"hiho" 1000`},
	{"a goodbye inside a message", raw("\x01\x82", "hi") + raw("\x88\x82", "\x03\xe9") + raw("\x80\x82", "ho"), `1001`},
	{"a continuation of nothing", raw("\x80\x82", "hi"), `1002`},
	{"a part that continues nothing", raw("\x00\x82", "hi"), `1002`},
	{"a continuation after the end", raw("\x01\x82", "hi") + raw("\x80\x82", "ho") + raw("\x80\x82", "hu"), `"hiho" 1002`},
	{"a message inside a message", raw("\x01\x82", "hi") + raw("\x81\x82", "ho"), `1002`},
	{"a binary message inside a message", raw("\x01\x82", "hi") + raw("\x82\x82", "ho"), `1002`},

	{"text that is not UTF-8", raw("\x81\x82", "\xc3\x28"), `1007`},
	{"a surrogate", raw("\x81\x83", "\xed\xa0\x80"), `1007`},
	{"a NUL", raw("\x81\x83", "a\x00b"), `1008`},
	{"a control character", raw("\x81\x82", "a\x1b"), `1008`},
	{"a control character of C1", raw("\x81\x82", "\xc2\x9b"), `1008`},
	{"a control character in parts", raw("\x01\x81", "\xc2") + raw("\x80\x81", "\x9b"), `1008`},
	{"a control character and what is not UTF-8", raw("\x81\x82", "\x1b\xff"), `1007`},
	{"a reason with a NUL", part(0x88, "\x03\xe8a\x00"), `1000`},
	{"a character that is cut off", raw("\x01\x82", "\xe6\x97") + raw("\x80\x80", ""), `1007`},

	{"pings", raw("\x89\x80", "") + raw("\x89\x82", "\x00\xff") + part(0x89, strings.Repeat("p", 125)), `pong"" pong"\x00\xff" pong"` + strings.Repeat("p", 125) + `" 1000`},
	{"a pong that nobody asked for", raw("\x8a\x82", "hi"), `1000`},
	{"a ping in parts", raw("\x09\x82", "hi"), `1002`},
	{"a pong in parts", raw("\x0a\x82", "hi"), `1002`},
	{"a close frame in parts", raw("\x08\x82", "\x03\xe8"), `1002`},
	{"a ping of 126 bytes", part(0x89, strings.Repeat("x", 126)), `1002`},
	{"a pong of 126 bytes", part(0x8a, strings.Repeat("x", 126)), `1002`},
	{"a close frame of 126 bytes", part(0x88, "\x03\xe8"+strings.Repeat("x", 124)), `1002`},

	{"a close frame without a code", raw("\x88\x80", ""), `close`},
	{"a close frame of one byte", raw("\x88\x81", "\x03"), `1002`},
	{"a reason", part(0x88, "\x03\xe8"+strings.Repeat("ü", 61)), `1000`},
	{"a reason that is not UTF-8", raw("\x88\x83", "\x03\xe8\xff"), `1007`},
	{"a reason that is cut off", raw("\x88\x84", "\x03\xe8\xe6\x97"), `1007`},
	{"messages before a goodbye", raw("\x81\x82", "hi") + raw("\x81\x82", "ho") + raw("\x88\x82", "\x03\xe8") + raw("\x81\x82", "hu"), `"hi" "ho" 1000`},
	{"messages before a malformed goodbye", raw("\x81\x82", "hi") + raw("\x81\x82", "ho") + raw("\x88\x81", "\x03"), `"hi" "ho" 1002`},

	{"a byte too long", raw("\x81\xfe\x20\x01", ""), `1009`},
	{"a byte too long in parts", part(0x01, strings.Repeat("x", 8192)) + raw("\x80\x81", ""), `1009`},
	{"a gigabyte, announced", raw("\x81\xff\x00\x00\x00\x00\x40\x00\x00\x00", ""), `1009`},
	{"all that a length can say", raw("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff", ""), `1009`},
	{"a gigabyte inside a message", raw("\x01\x82", "hi") + raw("\x80\xff\x00\x00\x00\x00\x40\x00\x00\x00", ""), `1009`},
	{"empty parts without an end", raw("\x01\x80", "") + strings.Repeat(raw("\x00\x80", ""), 9000), `1009`},
}

// Each stream is answered as RFC 6455 and docs/protocol.md require. With -v, the test also logs
// where the library that answers the handshakes would differ: see docs/adr/0002.
func TestStreamsAreAnsweredAsTheRFCSays(t *testing.T) {
	w := chattest.NewWorld(t)
	library := libraryServer(t, 8192)
	for i, test := range streams {
		name := fmt.Sprint("p", i)
		stream := test.stream + raw("\x88\x82", "\x03\xe8") // goodbye, for all who still listen
		got := answerTo(t, w, w.Address(), name, stream)
		if got != test.answer {
			t.Errorf("%s: answered with %s, not %s", test.what, got, test.answer)
		}
		if other := answerTo(t, w, library, name, stream); other != got {
			t.Logf("%s: %s; the library: %s", test.what, got, other)
		}
	}
}

// A close code is echoed if it is allowed in a frame (RFC 6455 §7.4 and its IANA registry), and
// answered with 1002 otherwise.
func TestEveryCloseCodeIsAnswered(t *testing.T) {
	w := chattest.NewWorld(t)
	may := func(code int) bool {
		return code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014 || code >= 3000 && code <= 4999
	}
	codes := []int{0, 1, 999, 1999, 2000, 2999, 3000, 3999, 4000, 4999, 5000, 65535}
	for code := 1000; code <= 1020; code++ {
		codes = append(codes, code)
	}
	for _, code := range codes {
		want := "1002"
		if may(code) {
			want = fmt.Sprint(code)
		}
		goodbye := raw("\x88\x82", string(binary.BigEndian.AppendUint16(nil, uint16(code))))
		if got := answerTo(t, w, w.Address(), fmt.Sprint("p", code), goodbye); got != want {
			t.Errorf("code %d is answered with %s, not %s", code, got, want)
		}
	}
}

// Frames and TCP segments may split a text anywhere, even within a character.
func TestTextMayBeSplitAnywhere(t *testing.T) {
	const text = "aü日🎉z"
	w := chattest.NewWorld(t)
	conn := w.Dial()
	in := upgrade(t, w, conn, "/chat/Ann")
	if _, line := frame(t, in); line != "Ann connected to chat" {
		t.Fatalf("heard %q", line)
	}
	for cut := range len(text) + 1 {
		next := min(cut+1, len(text))
		stream := part(0x01, text[:cut]) + part(0x00, text[cut:next]) + part(0x89, "?") + part(0x80, text[next:])
		for at := range len(stream) {
			for _, segment := range []string{stream[:at], stream[at:]} { // each is sent at once: Go sets TCP_NODELAY
				if _, err := io.WriteString(conn, segment); err != nil {
					t.Fatal(err)
				}
			}
			if opcode, line := frame(t, in); opcode != 0xA || line != "?" {
				t.Fatalf("cut at %d, and the stream at %d: answered with %x %q", cut, at, opcode, line)
			}
			if _, line := frame(t, in); line != "Ann: "+text {
				t.Fatalf("cut at %d, and the stream at %d: heard %q", cut, at, line)
			}
		}
	}
}

// Invalid UTF-8 is refused wherever it is split, and none of it is delivered.
func TestInvalidUTF8IsRefusedHoweverItIsSplit(t *testing.T) {
	w := chattest.NewWorld(t)
	wrong := []string{"\xff", "\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xed\xa0\x80\xed\xb0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\x80"}
	for _, character := range []string{"ü", "日", "🎉"} {
		for cut := 1; cut < len(character); cut++ {
			wrong = append(wrong, character[:cut], character[:cut]+"a")
		}
	}
	for i, text := range wrong {
		for cut := range len(text) + 1 {
			got := answerTo(t, w, w.Address(), fmt.Sprintf("p%d-%d", i, cut), part(0x01, text[:cut])+part(0x80, text[cut:]))
			if got != "1007" || utf8.ValidString(text) {
				t.Errorf("%q, cut at %d: answered with %s", text, cut, got)
			}
		}
	}
}

// answerTo returns the server's answer to a stream until it closes the connection: echoed
// messages (the length of long ones), pongs, and the close code, or "cut" without one.
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
		case message && len(said) > 100:
			answers = append(answers, fmt.Sprint(len(said)))
		case message:
			answers = append(answers, fmt.Sprintf("%q", said))
		}
	}
}

// answerFrame reads a frame from a server that may close the connection instead.
func answerFrame(in *bufio.Reader) (opcode byte, payload string, err error) {
	var head, extended [8]byte
	if _, err := io.ReadFull(in, head[:2]); err != nil {
		return 0, "", err
	}
	length := uint64(head[1])
	if size := map[uint64]int{126: 2, 127: 8}[length]; size > 0 {
		if _, err := io.ReadFull(in, extended[8-size:]); err != nil {
			return 0, "", err
		}
		length = binary.BigEndian.Uint64(extended[:])
	}
	var body bytes.Buffer
	_, err = io.CopyN(&body, in, int64(length))
	return head[0] & 0x0F, body.String(), err
}
