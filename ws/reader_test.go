package ws

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"chatserver/chattest/tcp"
)

// clientFrame returns a masked client frame; first is the byte with the opcode and the flags.
func clientFrame(first byte, payload string) []byte {
	frame := []byte{first}
	switch n := len(payload); {
	case n < 126:
		frame = append(frame, MaskBit|byte(n))
	case n < 1<<16:
		frame = binary.BigEndian.AppendUint16(append(frame, MaskBit|126), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, MaskBit|127), uint64(n))
	}
	mask := [4]byte{byte(rand.Uint32()), byte(rand.Uint32()), byte(rand.Uint32()), byte(rand.Uint32())}
	frame = append(frame, mask[:]...)
	masked := []byte(payload)
	for i := range masked {
		masked[i] ^= mask[i%4]
	}
	return append(frame, masked...)
}

// testReader is a Reader that records the pings it received.
type testReader struct {
	Reader
	rests bool // it waits for each message as an idle connection does
	pongs []string
}

func (r *testReader) Received(int) {}

func (r *testReader) Control(opcode byte, payload []byte) {
	if opcode == OpPing {
		r.pongs = append(r.pongs, string(payload))
	}
}

func (r *testReader) ReadText() ([]byte, error) {
	if r.rests && r.Idle() {
		r.WaitForInput()
	}
	return r.Reader.ReadText()
}

// readers runs a test for each way of reading: with a descriptor, idle or not, and without a
// descriptor (TLS).
func readers(t testing.TB, limit int, test func(t testing.TB, r *testReader, client net.Conn)) {
	t.Helper()
	run := func(withDescriptor, rests bool) {
		server, client := tcp.Pair(t)
		_ = server.SetDeadline(time.Now().Add(20 * time.Second))
		r := &testReader{rests: rests}
		raw := rawConn(server)
		if !withDescriptor {
			raw = nil
		}
		r.init(server, raw, limit, r)
		test(t, r, client)
		r.release()
	}
	run(true, false)
	run(true, true)
	run(false, false)
}

// sent concatenates frames.
func sent(frames ...[]byte) []byte { return bytes.Join(frames, nil) }

func TestMessagesAreReadHoweverTheyAreSplit(t *testing.T) {
	long := strings.Repeat("Grüße 日本 ", 500)
	stream := sent(
		clientFrame(0x81, "hello"),
		clientFrame(0x89, "are you there?"),
		clientFrame(0x81, ""),
		clientFrame(0x01, "in "), clientFrame(0x89, "between"), clientFrame(0x00, "three "), clientFrame(0x80, "frames"),
		clientFrame(0x8A, "an answer nobody asked for"),
		clientFrame(0x81, long),
		clientFrame(0x01, long[:1001]), clientFrame(0x80, long[1001:]), // split within a character
		clientFrame(0x01, ""), clientFrame(0x00, ""), clientFrame(0x80, "empty parts"),
		clientFrame(0x88, "\x03\xe8bye"),
	)
	for _, size := range []int{1, 2, 3, 7, 1000, len(stream)} {
		readers(t, 1<<16, func(t testing.TB, r *testReader, client net.Conn) {
			go func() {
				for rest := stream; len(rest) > 0; rest = rest[min(size, len(rest)):] {
					if _, err := client.Write(rest[:min(size, len(rest))]); err != nil {
						t.Error(err)
					}
				}
			}()
			for _, want := range []string{"hello", "", "in three frames", long, long, "empty parts"} {
				got, err := r.ReadText()
				if err != nil || string(got) != want {
					t.Fatalf("in pieces of %d: read %.60q, %v; want %.60q", size, got, err, want)
				}
			}
			var bye ClosedByPeer
			if _, err := r.ReadText(); !errors.As(err, &bye) || bye.Code != 1000 {
				t.Errorf("the close frame was read as %v", err)
			}
			if got := strings.Join(r.pongs, "|"); got != "are you there?|between" {
				t.Errorf("answered pings %q", got)
			}
		})
	}
}

func TestInvalidFramesAreRefused(t *testing.T) {
	const limit = 1000
	text := strings.Repeat("x", limit)
	for _, test := range []struct {
		what  string
		bytes []byte
		code  uint16
	}{
		{"a binary frame", clientFrame(0x82, "x"), 1003},
		{"text that is not UTF-8", clientFrame(0x81, "\xc3\x28"), 1007},
		{"a surrogate", clientFrame(0x81, "\xed\xa0\x80"), 1007},
		{"a character that is cut off", sent(clientFrame(0x01, "\xe6\x97"), clientFrame(0x80, "")), 1007},
		{"a message that is too big", clientFrame(0x81, text+"x"), 1009},
		{"a message that is too big in parts", sent(clientFrame(0x01, text), clientFrame(0x80, "x")), 1009},
		{"a gigabyte, announced", []byte{0x81, MaskBit | 127, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4}, 1009},
		{"a frame without a mask", []byte{0x81, 1, 'x'}, 1002},
		{"reserved bit 1 (compression)", clientFrame(0xC1, "x"), 1002},
		{"reserved bit 2", clientFrame(0xA1, "x"), 1002},
		{"reserved bit 3", clientFrame(0x91, "x"), 1002},
		{"opcode 3", clientFrame(0x83, "x"), 1002},
		{"opcode 11", clientFrame(0x8B, "x"), 1002},
		{"a length below zero", []byte{0x81, MaskBit | 127, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4}, 1002},
		{"a continuation of nothing", clientFrame(0x80, "x"), 1002},
		{"a message inside a message", sent(clientFrame(0x01, "x"), clientFrame(0x81, "y")), 1002},
		{"a binary frame inside a message", sent(clientFrame(0x01, "x"), clientFrame(0x82, "y")), 1002},
		{"a ping in parts", clientFrame(0x09, "x"), 1002},
		{"a ping that is too long", clientFrame(0x89, text[:126]), 1002},
		{"a close frame that is too long", clientFrame(0x88, "\x03\xe8"+text[:124]), 1002},
		{"a close frame of one byte", clientFrame(0x88, "x"), 1002},
		{"a close code that is not for frames", clientFrame(0x88, "\x03\xed"), 1002},
		{"a close code below a thousand", clientFrame(0x88, "\x03\xe7"), 1002},
		{"a close code nobody registered", clientFrame(0x88, "\x07\xd0"), 1002},
		{"a close reason that is not UTF-8", clientFrame(0x88, "\x03\xe8\xff"), 1007},
	} {
		readers(t, limit, func(t testing.TB, r *testReader, client net.Conn) {
			if _, err := client.Write(sent(clientFrame(0x81, text), test.bytes)); err != nil {
				t.Fatal(err)
			}
			if got, err := r.ReadText(); err != nil || string(got) != text {
				t.Errorf("before %s: %v", test.what, err)
			}
			var reason Close
			if got, err := r.ReadText(); !errors.As(err, &reason) || reason.Code != test.code {
				t.Errorf("%s: read %.40q, %v; want %d", test.what, got, err, test.code)
			}
			if len(reason.Reason) > MaxControl-2 {
				t.Errorf("%s: the reason does not fit a close frame", test.what)
			}
		})
	}
}

func TestCloseFramesAreParsed(t *testing.T) {
	for payload, code := range map[string]uint16{"": 0, "\x03\xe8": 1000, "\x03\xe9going": 1001, "\x0b\xb8": 3000, "\x13\x87": 4999, "\x03\xf6": 1014} {
		readers(t, 100, func(t testing.TB, r *testReader, client net.Conn) {
			if _, err := client.Write(clientFrame(0x88, payload)); err != nil {
				t.Fatal(err)
			}
			var bye ClosedByPeer
			if _, err := r.ReadText(); !errors.As(err, &bye) || bye.Code != code {
				t.Errorf("%q is read as %v", payload, err)
			}
		})
	}
}

func TestHalfAMessageIsNotReturned(t *testing.T) {
	whole := clientFrame(0x81, "hello, world")
	for cut := range whole {
		readers(t, 100, func(t testing.TB, r *testReader, client net.Conn) {
			if _, err := client.Write(whole[:cut]); err != nil {
				t.Fatal(err)
			}
			_ = client.Close()
			if got, err := r.ReadText(); !errors.Is(err, io.EOF) {
				t.Errorf("cut after %d bytes: read %q, %v", cut, got, err)
			}
		})
	}
}

func TestAnIdleReaderHoldsNoBuffer(t *testing.T) {
	server, client := tcp.Pair(t)
	r := &testReader{rests: true}
	r.init(server, rawConn(server), 100, r)
	for range 3 {
		if _, err := client.Write(clientFrame(0x81, "hi")); err != nil {
			t.Fatal(err)
		}
		if _, err := r.ReadText(); err != nil {
			t.Fatal(err)
		}
	}
	_ = server.SetReadDeadline(past)
	if _, err := r.ReadText(); err == nil || r.buffer != nil {
		t.Errorf("after a wait without input it holds %d bytes, %v", len(r.buffer), err)
	}
}

// Many clients that send only the first byte of a frame must not hold a buffer each.
func TestHalfAHeaderHoldsNoBuffer(t *testing.T) {
	whole := sent(clientFrame(0x89, "ping"), clientFrame(0x81, strings.Repeat("x", 200)))
	for half := 1; half < len(whole); half++ {
		readers(t, 1000, func(t testing.TB, r *testReader, client net.Conn) {
			if _, err := client.Write(whole[:half]); err != nil {
				t.Fatal(err)
			}
			if r.rests {
				r.WaitForInput() // all of it is there
			}
			_ = r.conn.SetReadDeadline(time.Now().Add(time.Millisecond))
			if _, err := r.Reader.ReadText(); !errors.Is(err, os.ErrDeadlineExceeded) || r.raw != nil && r.buffer != nil {
				t.Errorf("with %d bytes of a frame it holds a buffer of %d, %v", half, len(r.buffer), err)
			}
		})
	}
}

func TestAWaitingReaderHoldsABufferOnlyForUnreadInput(t *testing.T) {
	server, client := tcp.Pair(t)
	r := &testReader{rests: true}
	r.init(server, rawConn(server), 100, r)
	if _, err := client.Write(append(clientFrame(0x81, "one"), clientFrame(0x81, "two")...)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"one", "two"} {
		got, err := r.ReadText()
		if err != nil || string(got) != want {
			t.Fatalf("read %q, %v", got, err)
		}
		r.ReleaseIfEmpty()
		if held := r.buffer != nil; held != (want == "one") {
			t.Errorf("after %q it holds a buffer: %t", want, held)
		}
	}
}

func FuzzFrameReader(f *testing.F) {
	f.Add(sent(clientFrame(0x01, "in "), clientFrame(0x89, "ping"), clientFrame(0x80, "parts")))
	f.Add(clientFrame(0x88, "\x03\xe8"))
	f.Add([]byte{0x81, MaskBit | 127, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4})
	f.Fuzz(func(t *testing.T, stream []byte) {
		server, client := net.Pipe()
		go func() { _, _ = client.Write(stream); _ = client.Close() }()
		var r testReader
		r.init(server, nil, 200, &r)
		for {
			text, err := r.ReadText()
			if err != nil {
				break
			}
			if !utf8.Valid(text) || len(text) > 200 { // the caller checks control characters
				t.Errorf("read %q", text)
			}
		}
		for _, ping := range r.pongs {
			if len(ping) > MaxControl {
				t.Errorf("a ping of %d bytes", len(ping))
			}
		}
		r.release()
		_ = server.Close()
	})
}
