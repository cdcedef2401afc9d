package handlers_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"chatserver/chattest"
)

// These helpers speak RFC 6455 by hand, for clients that misbehave.

func handshakeText(w *chattest.World, path string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: " + w.Address() + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
}

// upgrade opens a WebSocket on a TCP connection and returns a reader of what follows the
// response.
func upgrade(t *testing.T, w *chattest.World, conn net.Conn, path string) *bufio.Reader {
	t.Helper()
	if _, err := conn.Write([]byte(handshakeText(w, path))); err != nil {
		t.Fatal(err)
	}
	return afterAnswer(t, conn)
}

// upgradeTo is upgrade with a subprotocol and further lines in the request.
func upgradeTo(t *testing.T, w *chattest.World, conn net.Conn, path, protocol string, lines ...string) *bufio.Reader {
	t.Helper()
	if protocol != "" {
		lines = append(lines, "Sec-WebSocket-Protocol: "+protocol)
	}
	request := strings.TrimSuffix(handshakeText(w, path), "\r\n") + strings.Join(lines, "\r\n") + "\r\n\r\n"
	if _, err := conn.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	return afterAnswer(t, conn)
}

func afterAnswer(t *testing.T, conn net.Conn) *bufio.Reader {
	t.Helper()
	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("answered with %s", response.Status)
	}
	return in
}

// frame reads a frame from the server.
func frame(t *testing.T, in io.Reader) (opcode byte, payload string) {
	t.Helper()
	var head [2]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		t.Fatalf("waits for a frame: %v", err)
	}
	length := int(head[1])
	if length == 126 {
		var extended [2]byte
		if _, err := io.ReadFull(in, extended[:]); err != nil {
			t.Fatal(err)
		}
		length = int(binary.BigEndian.Uint16(extended[:]))
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(in, body); err != nil {
		t.Fatal(err)
	}
	return head[0] & 0x0F, string(body)
}

// maskedText returns a short text frame of a client.
func maskedText(text string) []byte {
	frame := []byte{0x81, 0x80 | byte(len(text)), 1, 2, 3, 4}
	for i := range len(text) {
		frame = append(frame, text[i]^frame[2+i%4])
	}
	return frame
}
