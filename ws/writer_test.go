package ws

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

	"chatserver/chattest/tcp"
)

// serverFrames reads frames until the connection ends. It returns the texts, and the code of
// the close frame, or 0 without one.
func serverFrames(t *testing.T, conn net.Conn) (texts []string, code uint16) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	in := bufio.NewReader(conn)
	for {
		opcode, payload, err := readFrame(in)
		if err == io.EOF {
			return texts, code
		}
		if err != nil {
			t.Fatalf("after %d texts: %v", len(texts), err)
		}
		switch {
		case code != 0:
			t.Fatalf("a frame %x after the close frame", opcode)
		case opcode == OpText:
			texts = append(texts, string(payload))
		case opcode == OpClose:
			code = binary.BigEndian.Uint16(payload)
		}
	}
}

func readFrame(in io.Reader) (opcode byte, payload []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return 0, nil, err
	}
	length := int(head[1])
	if length >= 126 {
		extended := make([]byte, map[int]int{126: 2, 127: 8}[length])
		if _, err := io.ReadFull(in, extended); err != nil {
			return 0, nil, fmt.Errorf("half a header: %w", err)
		}
		length = 0
		for _, b := range extended {
			length = length<<8 | int(b)
		}
	}
	payload = make([]byte, length)
	if _, err := io.ReadFull(in, payload); err != nil {
		return 0, nil, fmt.Errorf("half a frame of %d: %w", length, io.ErrUnexpectedEOF)
	}
	return head[0] & 0x0F, payload, nil
}

// ignoredMetrics is metrics that nobody reads.
type ignoredMetrics struct{}

func (ignoredMetrics) Sent(int, int)     {}
func (ignoredMetrics) Queued(int)        {}
func (ignoredMetrics) Behind(int)        {}
func (ignoredMetrics) FlushPanicked(any) {}

var goingAway = Close{Code: 1001, Reason: "the server is going away"}

// textFrame returns a server's frame.
func textFrame(text string) []byte {
	return append(AppendHeader(nil, OpText, len(text)), text...)
}

func newWriter(t *testing.T) (*Writer, *net.TCPConn) {
	t.Helper()
	server, client := tcp.Pair(t)
	w := &Writer{}
	w.init(server, ignoredMetrics{})
	return w, client
}

// finish waits until everything is written and closes the connection.
func finish(t *testing.T, w *Writer) {
	t.Helper()
	if !w.waitFlushed(20 * time.Second) {
		t.Error("not everything was written")
	}
	_ = w.conn.(*net.TCPConn).CloseWrite()
}

func TestEverythingArrivesInOrder(t *testing.T) {
	for _, withDescriptor := range []bool{true, false} {
		w, client := newWriter(t)
		if !withDescriptor {
			w.fd = noDescriptor
		}
		go func() {
			for i := range 1000 {
				if w.Calm() != nil {
					t.Error("it is closed")
				}
				w.Write(textFrame(fmt.Sprint(i) + strings.Repeat(".", i)))
			}
			w.Close(goingAway)
			finish(t, w)
		}()
		texts, code := serverFrames(t, client)
		if len(texts) != 1000 || code != 1001 {
			t.Fatalf("%d texts came, and code %d", len(texts), code)
		}
		for i, text := range texts {
			if text != fmt.Sprint(i)+strings.Repeat(".", i) {
				t.Fatalf("in place %d is %.40q", i, text)
			}
		}
	}
}

// waiting returns how many bytes are not written yet.
func (w *Writer) waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.backlog == nil {
		return 0
	}
	return w.backlog.bytes
}

// A client that does not read is closed. The frame that was begun is completed, so that the
// close frame can be recognized, and no sender waited.
func TestAStalledReaderIsClosed(t *testing.T) {
	for _, size := range []int{10, 1000, 60_000} {
		w, client := newWriter(t)
		frame := textFrame(strings.Repeat("x", size))
		written := 0
		for ; w.goodbyeCode() == 0; written += len(frame) {
			if written > 64<<20 {
				t.Fatal("64 MB were queued without closing the connection")
			}
			w.Write(frame)
		}
		if kept := w.waiting(); kept > len(frame)+MaxControl {
			t.Errorf("it keeps %d bytes for a closed connection", kept)
		}
		if w.Write(frame) {
			t.Error("it accepts frames after the close frame")
		}
		if err := w.Calm(); err == nil {
			t.Error("Calm returns no error")
		}
		go finish(t, w)
		texts, code := serverFrames(t, client)
		if code != 1013 {
			t.Errorf("frames of %d: closed with %d", size, code)
		}
		for _, text := range texts {
			if len(text) != size {
				t.Fatalf("a text of %d instead of %d bytes", len(text), size)
			}
		}
	}
}

func (w *Writer) goodbyeCode() uint16 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closeFrame == nil {
		return 0
	}
	return w.closeFrame.Code
}

func TestABrokenConnectionAcceptsNothing(t *testing.T) {
	w, client := newWriter(t)
	_ = client.SetLinger(0)
	_ = client.Close()
	frame := textFrame(strings.Repeat("x", 1000))
	for broken := false; !broken; {
		w.Write(frame)
		w.mu.Lock()
		broken = w.broken
		w.mu.Unlock()
	}
	if w.waitFlushed(time.Second) {
		t.Error("it reports that everything was written")
	}
	if w.Close(goingAway) {
		t.Error("it queues a close frame on a broken connection")
	}
}

func TestTheEndOfAFrameIsFound(t *testing.T) {
	var frames []byte
	var ends []int
	for _, size := range []int{0, 1, 125, 126, 127, 65535, 65536, 70000, 3} {
		frames = append(AppendHeader(frames, OpText, size), bytes.Repeat([]byte{0xFF}, size)...)
		ends = append(ends, len(frames))
	}
	at := 0
	for _, end := range ends {
		for _, position := range []int{at + 1, (at + 1 + end) / 2, end} {
			if got := FrameEnd(frames, position); got != end {
				t.Errorf("the frame of byte %d ends at %d, not %d", position, got, end)
			}
		}
		at = end
	}
	if got := FrameEnd(frames, 0); got != 0 {
		t.Errorf("before the first frame the end is %d", got)
	}
}

func BenchmarkWrite(b *testing.B) {
	server, client := tcp.Pair(b)
	go func() { _, _ = io.Copy(io.Discard, client) }()
	w := &Writer{}
	w.init(server, ignoredMetrics{})
	frame := textFrame(strings.Repeat("x", 128))
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Calm(); err != nil {
			b.Fatal(err)
		}
		w.Write(frame)
	}
}
