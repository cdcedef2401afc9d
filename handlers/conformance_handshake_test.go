package handlers_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"

	"chatserver/chattest"
)

// opening is a program's opening handshake; each row changes some of its lines.
const opening = "GET /chat/Ann HTTP/1.1\r\nHost: chat.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

// changed returns the opening handshake with the line that has the given prefix replaced by
// any number of lines.
func changed(line string, by ...string) string {
	for i, old := range strings.Split(opening, "\r\n") {
		if strings.HasPrefix(old, line) {
			lines := strings.Split(opening, "\r\n")
			return strings.Join(append(append(append([]string{}, lines[:i]...), by...), lines[i+1:]...), "\r\n")
		}
	}
	panic("no such line: " + line)
}

// with returns the opening handshake with additional lines.
func with(lines ...string) string {
	return changed("Upgrade:", append([]string{"Upgrade: websocket"}, lines...)...)
}

// An invalid handshake gets an HTTP error status, and a valid one 101 with the correct
// Sec-WebSocket-Accept (RFC 6455 §4).
func TestHandshakesAreAnsweredAsTheRFCSays(t *testing.T) {
	w := chattest.NewWorld(t)
	for _, test := range []struct {
		what    string
		request string
		status  int // 0 means closed without a response
	}{
		{"as it should be", opening, 101},
		{"in other cases", strings.NewReplacer("Upgrade: websocket", "UPGRADE: WebSocket", "Connection: Upgrade", "connection: keep-alive, UPGRADE").Replace(opening), 101},
		{"an extension is offered", with("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"), 101},
		{"an extension is offered wrongly", with("Sec-WebSocket-Extensions: permessage-deflate; nonsense=9"), 101},

		{"no key", changed("Sec-WebSocket-Key"), 400},
		{"an empty key", changed("Sec-WebSocket-Key", "Sec-WebSocket-Key:"), 400},
		{"a key of 15 bytes", changed("Sec-WebSocket-Key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j"), 400},
		{"a key of 17 bytes", changed("Sec-WebSocket-Key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZXM="), 400},
		{"a key that is no base64", changed("Sec-WebSocket-Key", "Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!=="), 400},
		{"two keys", with("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), 400},

		{"no version", changed("Sec-WebSocket-Version"), 426},
		{"version 8", changed("Sec-WebSocket-Version", "Sec-WebSocket-Version: 8"), 426},
		{"version 14", changed("Sec-WebSocket-Version", "Sec-WebSocket-Version: 14"), 426},
		{"two versions", with("Sec-WebSocket-Version: 8"), 426},
		{"versions in one line", changed("Sec-WebSocket-Version", "Sec-WebSocket-Version: 13, 8"), 426},

		{"no Upgrade", changed("Upgrade:"), 426},
		{"another Upgrade", changed("Upgrade:", "Upgrade: h2c"), 426},
		{"no Connection", changed("Connection:"), 426},
		{"another Connection", changed("Connection:", "Connection: keep-alive"), 426},
		{"a token that begins like it", changed("Connection:", "Connection: upgraded"), 426},
		{"a protocol that begins like it", changed("Upgrade:", "Upgrade: websockets"), 426},

		{"a page of this host", with("Origin: https://chat.example"), 101},
		{"a foreign page", with("Origin: https://evil.example"), 403},
		{"a page without an origin", with("Origin: null"), 403},
		{"an empty origin", with("Origin:"), 403},
		{"a look-alike before", with("Origin: https://evilchat.example"), 403},
		{"a look-alike behind", with("Origin: https://chat.example.evil.example"), 403},
		{"our host as a user", with("Origin: https://chat.example@evil.example"), 403},
		{"two origins", with("Origin: https://chat.example", "Origin: https://evil.example"), 403},

		{"no Host", changed("Host:"), 400},
		{"two Hosts", with("Host: other.example"), 400},
		{"an empty Host", changed("Host:", "Host:"), 400},
		{"a NUL in a value", with("X-A: a\x00b"), 400},
		{"a NUL in a name", with("X\x00A: a"), 400},
		{"a line break alone", with("X-A: a\rX-B: b"), 400},
		{"a blank before the colon", with("X-A : a"), 400},
		{"a line that goes on", with("X-A: a", " b"), 400},
		{"a length and chunks", with("Content-Length: 3", "Transfer-Encoding: chunked") + "0\r\n\r\n", 400},
		{"chunks", with("Transfer-Encoding: chunked") + "0\r\n\r\n", 400},
		{"a body", with("Content-Length: 3") + "abc", 400},
		{"two lengths", with("Content-Length: 0", "Content-Length: 3") + "abc", 400},
		{"too many headers", with("X-A: " + strings.Repeat("a", 17<<10)), 431},

		{"HTTP/1.0", changed("GET", "GET /chat/Ann HTTP/1.0"), 400},
		{"HTTP/1.2", changed("GET", "GET /chat/Ann HTTP/1.2"), 400},
		{"HTTP/2.0", changed("GET", "GET /chat/Ann HTTP/2.0"), 505},
		{"HTTP/0.9", changed("GET", "GET /chat/Ann"), 400},
		{"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
		{"a POST", changed("GET", "POST /chat/Ann HTTP/1.1"), 405},
		{"no HTTP", "\x16\x03\x01\x00\x05hello\r\n\r\n", 400},

		{"a NUL in a name", changed("GET", "GET /chat/A%00 HTTP/1.1"), 400},
		{"CR LF in a name", changed("GET", "GET /chat/A%0D%0AB HTTP/1.1"), 400},
		{"a broken escape", changed("GET", "GET /chat/%zz HTTP/1.1"), 400},
		{"a name that is not UTF-8", changed("GET", "GET /chat/%FF HTTP/1.1"), 400},
		{"a blank name", changed("GET", "GET /chat/%20 HTTP/1.1"), 400},
		{"a name that is a path", changed("GET", "GET /chat/..%2Fetc HTTP/1.1"), 400},
		{"a bidi override", changed("GET", "GET /chat/A%E2%80%AE HTTP/1.1"), 400},
		{"a character without width", changed("GET", "GET /chat/A%E2%80%8B HTTP/1.1"), 400},
		{"a colon", changed("GET", "GET /chat/A%3A HTTP/1.1"), 400},
		{"an unknown subprotocol", with("Sec-WebSocket-Protocol: mqtt"), 400},
	} {
		conn := w.Dial()
		if _, err := io.WriteString(conn, test.request); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s: %v", test.what, err)
			continue
		}
		_ = response.Body.Close()
		if response.StatusCode != test.status {
			t.Errorf("%s: answered with %s", test.what, response.Status)
		}
		switch header := response.Header; response.StatusCode {
		case 101:
			if header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" || header.Get("Sec-WebSocket-Extensions") != "" {
				t.Errorf("%s: agreed on %v", test.what, header)
			}
		case 426:
			if strings.Contains(test.what, "ersion") && header.Get("Sec-WebSocket-Version") != "13" {
				t.Errorf("%s: the version is not named: %v", test.what, header)
			}
		}
	}
}
