package handlers_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"chatserver/chattest"
	"chatserver/config"
)

// sendRaw sends bytes to a port and returns the response and its body.
func sendRaw(t *testing.T, address, stream string) (response *http.Response, body string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(chattest.Patience))
	if _, err := io.WriteString(conn, stream); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(stream, " ")
	response, err = http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%.60q: %v", stream, err)
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%.60q: %v", stream, err)
	}
	return response, string(said)
}

// A request that cannot be parsed gets a fixed sentence, on both ports. Nothing of it is
// repeated to the client or in the log.
func TestARequestThatCannotBeReadIsAnsweredWithOneSentence(t *testing.T) {
	const secret = "evil<script>"
	var log strings.Builder
	w := chattest.NewWorld(t, chattest.Log(&log))
	for _, test := range []struct {
		stream string
		status int
		says   string
	}{
		{secret + "\r\n\r\n", 400, "This request is not valid HTTP/1.1.\n"},
		{"GET /" + secret + "\r\n\r\n", 400, "This request is not valid HTTP/1.1.\n"},
		{"GET / HTTP/1.1\r\nHost: x\r\n" + secret + "\r\n\r\n", 400, "This request is not valid HTTP/1.1.\n"},
		{"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: " + secret + "\r\n\r\n", 400, "This request is not valid HTTP/1.1.\n"},
		{"GET / " + secret + "/1.1\r\nHost: x\r\n\r\n", 400, "This request is not valid HTTP/1.1.\n"},
		{"{\"cmd\":\"" + secret + "\"}\r\n\r\n", 400, "This request is not valid HTTP/1.1.\n"},
		{"SSH-2.0-" + secret + "\r\n\r\n", 400, "This request is not valid HTTP/1.1.\n"},
		{"G<b>T / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "This request is not valid HTTP/1.1.\n"},
		{"EVIL / HTTP/1.1\r\nHost: x\r\nX: " + secret + "\r\n\r\n", 501, "This URL does not support this request method.\n"},
		{"PROPFIND / HTTP/1.1\r\nHost: x\r\n\r\n", 501, "This URL does not support this request method.\n"},
		{"get / HTTP/1.1\r\nHost: x\r\n\r\n", 501, "This URL does not support this request method.\n"},
		{"GET http://user@x/ HTTP/1.1\r\nHost: x\r\nX: " + secret + "\r\n\r\n", 400, "This request is not valid HTTP/1.1.\n"},
		{"GET / HTTP/2.0\r\nHost: x\r\nX: " + secret + "\r\n\r\n", 505, "This server speaks HTTP/1.1 only.\n"},
		{"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505, "This server speaks HTTP/1.1 only.\n"},
		{"GET / HTTP/0.9\r\nHost: x\r\n\r\n", 505, "This server speaks HTTP/1.1 only.\n"},
		{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "This request is not valid HTTP/1.1.\n"},
		{"GET / HTTP/1.1\r\nHost: x\r\nX: " + secret + strings.Repeat("x", 17<<10) + "\r\n\r\n", 431, "The headers of this request are too large.\n"},
	} {
		for _, address := range []string{w.Address(), w.Ops()} {
			response, said := sendRaw(t, address, test.stream)
			if response.StatusCode != test.status || said != test.says || !response.Close || response.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
				t.Errorf("%.60q is answered with %s %v %q", test.stream, response.Status, response.Header, said)
			}
		}
	}
	if strings.Contains(log.String(), secret) {
		t.Errorf("the log repeats the request: %s", log.String())
	}
	for _, readable := range []string{"GET /healthz HTTP/1.0\r\n\r\n", "GET /healthz HTTP/1.2\r\nHost: localhost\r\nConnection: close\r\n\r\n"} {
		if response, said := sendRaw(t, w.Address(), readable); response.StatusCode != 200 {
			t.Errorf("%q is answered with %s %q", readable, response.Status, said)
		}
	}
}

// Load balancers send OPTIONS, by default in HTTP/1.0 and without a host. So do browsers
// before a cross-origin request, which gets no permission.
func TestOPTIONSListsTheMethods(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.BaseURL = "http://localhost/team/" }))
	for _, test := range []struct {
		address, request, allow string
		status                  int
	}{
		{w.Address(), "OPTIONS /team/ HTTP/1.0\r\n\r\n", "GET, HEAD, OPTIONS", 204},
		{w.Address(), "OPTIONS /healthz HTTP/1.0\r\n\r\n", "GET, HEAD, OPTIONS", 204},
		{w.Address(), "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET, HEAD, OPTIONS", 204},
		{w.Address(), "OPTIONS * HTTP/1.0\r\n\r\n", "GET, HEAD, OPTIONS", 204},
		{w.Address(), "OPTIONS /team/rooms/x HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n\r\n", "GET, HEAD, OPTIONS", 204},
		{w.Address(), "OPTIONS /chat/Ann HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET, HEAD, OPTIONS", 204},
		{w.Address(), "OPTIONS /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n", "", 404},
		{w.Ops(), "OPTIONS /readyz HTTP/1.0\r\n\r\n", "GET, HEAD, OPTIONS", 204},
		{w.Ops(), "OPTIONS /seen HTTP/1.0\r\n\r\n", "POST, OPTIONS", 204},
	} {
		response, said := sendRaw(t, test.address, test.request)
		if response.StatusCode != test.status || response.Header.Get("Allow") != test.allow || response.Header.Get("Access-Control-Allow-Origin") != "" || test.status == 204 && said != "" {
			t.Errorf("%q is answered with %s %v %q", test.request, response.Status, response.Header, said)
		}
	}
}
