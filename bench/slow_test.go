package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// stalled returns a stalled reader to which a server wrote some frames, and whose
// connection the server then closed unless it forgot to.
func stalled(t *testing.T, forgotten bool, frames ...[]byte) *staller {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	near, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close() })
	far, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	if _, err := far.Write(bytes.Join(frames, nil)); err != nil {
		t.Fatal(err)
	}
	if !forgotten {
		far.Close()
	}
	return &staller{connection: &connection{tcp: near, in: bufio.NewReader(near)}}
}

func TestTheFateOfAStalledReaderIsDetected(t *testing.T) {
	closeFrame := func(code uint16) []byte { return []byte{0x80 | opClose, 2, byte(code >> 8), byte(code)} }
	one, two, three := serverFrame(1, 140), serverFrame(2, 140), serverFrame(3, 140)
	for _, c := range []struct {
		fate   string
		frames [][]byte
		cut    bool
		void   string // part of the reason
	}{
		{"told that it was too slow", [][]byte{one, closeFrame(1013)}, true, ""},
		{"reset", [][]byte{one, two[:50]}, true, ""},
		{"follows in the end", [][]byte{one, two, three}, false, "not disconnected"},
		{"lacks one in the middle", [][]byte{one, three}, false, "message 3 came after 1"},
		{"forgotten", [][]byte{one}, false, "message 2 of 3 never arrived"},
		{"gets one twice", [][]byte{one, one}, false, "message 1 came after 1"},
		{"told something else", [][]byte{one, closeFrame(1000)}, true, "closed with 1000"},
	} {
		forgotten := c.fate == "forgotten"
		patience := lostTimeout
		if forgotten {
			patience = 300 * time.Millisecond
		}
		s := stalled(t, forgotten, c.frames...)
		s.readRest(3, patience)
		found := slowed{stallers: []*staller{s}, perReader: held + 1}
		if void := fmt.Sprint(found.void()); (s.ended != nil) != c.cut || !strings.Contains(void, c.void) || c.void == "" && void != "<nil>" {
			t.Errorf("%s: it ended with %v, and the run is void because of %v", c.fate, s.ended, void)
		}
	}
}
