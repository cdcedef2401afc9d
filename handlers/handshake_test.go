package handlers_test

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"chatserver/chattest"
)

// Every form in which clients and proxies ask for the upgrade opens a connection that
// carries messages and stays open (RFC 6455 §4.2.1, RFC 9110 §5.6.1 and §7.8).
func TestEveryFormOfTheUpgradeOpensAConnection(t *testing.T) {
	w := chattest.NewWorld(t)
	for what, request := range map[string]string{
		"close before upgrade, as lighttpd sends it": changed("Connection:", "Connection: close, upgrade"),
		"close after upgrade":                        changed("Connection:", "Connection: Upgrade, close"),
		"close in a header of its own":               changed("Connection:", "Connection: upgrade", "Connection: close"),
		"close in a header before it":                changed("Connection:", "Connection: Close", "Connection: Upgrade"),
		"keep-alive, as Firefox sends it":            changed("Connection:", "Connection: keep-alive, Upgrade"),
		"keep-alive in a header of its own":          changed("Connection:", "Connection: keep-alive", "Connection: Upgrade"),
		"keep-alive and close":                       changed("Connection:", "Connection: keep-alive, close, upgrade"),
		"TE as well":                                 changed("Connection:", "Connection: TE, Upgrade", "TE: trailers"),
		"in capitals":                                changed("Connection:", "CONNECTION: UPGRADE"),
		"tabs and blanks":                            changed("Connection:", "Connection: \t keep-alive \t,\t\tupgrade \t"),
		"empty list elements":                        changed("Connection:", "Connection: , ,upgrade,,"),
		"other protocols after it":                   changed("Upgrade:", "Upgrade: WebSocket, foo"),
		"other protocols before it":                  changed("Upgrade:", "Upgrade: h2c,websocket"),
		"another protocol in a header of its own":    changed("Upgrade:", "Upgrade: h2c", "Upgrade: websocket"),
		"an empty subprotocol":                       with("Sec-WebSocket-Protocol:"),
	} {
		carriesAMessage(t, w, what, request, "", "Ann connected to chat")
	}
	for what, request := range map[string]string{
		"one of two":                   with("Sec-WebSocket-Protocol: mqtt, chat.v1"),
		"one of two headers":           with("Sec-WebSocket-Protocol: mqtt", "Sec-WebSocket-Protocol: chat.v1"),
		"beside empty list elements":   with("Sec-WebSocket-Protocol: ,chat.v1,"),
		"to a proxy that wants to end": changed("Connection:", "Connection: close, upgrade", "Sec-WebSocket-Protocol: chat.v1"),
	} {
		carriesAMessage(t, w, what, request, "chat.v1", `{"event":"welcome"`)
	}
}

// carriesAMessage opens a connection with a request and tests both directions.
func carriesAMessage(t *testing.T, w *chattest.World, what, request, protocol, first string) {
	t.Helper()
	conn := w.Dial()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusSwitchingProtocols || response.Header.Get("Sec-WebSocket-Protocol") != protocol ||
		strings.Join(response.Header.Values("Connection"), "|") != "Upgrade" {
		t.Errorf("%s: answered with %s, %v", what, response.Status, response.Header)
		return
	}
	if _, heard := frame(t, in); !strings.HasPrefix(heard, first) {
		t.Errorf("%s: heard %q", what, heard)
	}
	if _, err := conn.Write([]byte("\x89\x81\x00\x00\x00\x00?\x88\x82\x00\x00\x00\x00\x03\xe8")); err != nil { // a ping and a close frame
		t.Fatal(err)
	}
	var opcodes []byte
	for len(opcodes) == 0 || opcodes[len(opcodes)-1] != 0x8 {
		opcode, _ := frame(t, in)
		opcodes = append(opcodes, opcode)
	}
	if opcodes[0] != 0xA {
		t.Errorf("%s: a ping is answered with %x", what, opcodes)
	}
}

// A refused handshake that asked for "close" ends its connection after the answer; without
// "close" the connection stays open for the next request.
func TestARefusedUpgradeClosesIfAsked(t *testing.T) {
	w := chattest.NewWorld(t)
	const next = "GET /robots.txt HTTP/1.1\r\nHost: chat.example\r\n\r\n"
	for connection, open := range map[string]bool{"close, upgrade": false, "upgrade": true} {
		for _, change := range []string{"Sec-WebSocket-Version", "Sec-WebSocket-Key", "GET"} {
			by := map[string][]string{"GET": {"GET /check HTTP/1.1"}}[change]
			request := strings.Replace(changed(change, by...), "Connection: Upgrade", "Connection: "+connection, 1)
			conn := w.Dial()
			if _, err := io.WriteString(conn, request+next); err != nil {
				t.Fatal(err)
			}
			in := bufio.NewReader(conn)
			response, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatalf("%s without %s: %v", connection, change, err)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_, err = in.Peek(1)
			if response.Close == open || (err == nil) != open {
				t.Errorf("Connection: %s, wrong in %s: answered with %s, %v; then %v", connection, change, response.Status, response.Header, err)
			}
		}
	}
}

// HTTP/1.0 has no upgrades and keeps no connection open by default.
func TestAnUpgradeOfHTTP10Closes(t *testing.T) {
	w := chattest.NewWorld(t)
	conn := w.Dial()
	if _, err := io.WriteString(conn, strings.Replace(handshakeText(w, "/chat/Ann"), "HTTP/1.1", "HTTP/1.0", 1)); err != nil {
		t.Fatal(err)
	}
	if said, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(said), "HTTP/1.1 400 ") {
		t.Errorf("it is answered with %q, %v", said, err)
	}
}

// "close" beside the upgrade does not hide a body: chunks with a Content-Length are refused
// as usual.
func TestAnUpgradeHidesNoBody(t *testing.T) {
	w := chattest.NewWorld(t)
	for _, connection := range []string{"upgrade", "close, upgrade"} {
		conn := w.Dial()
		request := strings.Replace(with("Content-Length: 5", "Transfer-Encoding: chunked"), "Connection: Upgrade", "Connection: "+connection, 1)
		if _, err := io.WriteString(conn, request+"0\r\n\r\nGET /robots.txt HTTP/1.1\r\nHost: chat.example\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		in := bufio.NewReader(conn)
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		if _, err := in.Peek(1); response.StatusCode != http.StatusBadRequest || !errors.Is(err, io.EOF) {
			t.Errorf("%s: answered with %s, then %v", connection, response.Status, err)
		}
	}
}
