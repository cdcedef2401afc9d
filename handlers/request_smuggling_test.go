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

// A proxy and this server must never disagree about where a request ends: the body for one
// would be another user's request for the other (request smuggling). So an ambiguous request
// is refused on every route, and the connection is closed without reading what follows.
func TestAmbiguousRequestsAreRefused(t *testing.T) {
	const smuggled = "GET /robots.txt HTTP/1.1\r\nHost: chat.example\r\n\r\n"
	w := chattest.NewWorld(t)
	for what, headers := range map[string]string{
		"a length and chunks":                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"chunks and a length":                "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
		"a length of nothing and chunks":     "content-length: 0\r\nTRANSFER-ENCODING: chunked\r\n\r\n0\r\n\r\n",
		"two lengths":                        "Content-Length: 0\r\nContent-Length: 3\r\n\r\nabc",
		"a length twice":                     "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
		"two lengths in a line":              "Content-Length: 3, 3\r\n\r\nabc",
		"a length with a plus":               "Content-Length: +3\r\n\r\nabc",
		"a length below zero":                "Content-Length: -1\r\n\r\nabc",
		"a length in hex":                    "Content-Length: 0x3\r\n\r\nabc",
		"an empty length":                    "Content-Length:\r\n\r\nabc",
		"a chunk size that is none":          "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
		"a chunk size below zero":            "Transfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n0\r\n\r\n",
		"a chunk size with a prefix":         "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
		"a chunk size beyond all integers":   "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n0\r\n\r\n",
		"a chunk longer than it says":        "Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
		"chunks with line feeds alone":       "Transfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n",
		"an unknown coding":                  "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"chunks inside another coding":       "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
		"two codings":                        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
		"a blank before the colon":           "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
		"a control character before a value": "Transfer-Encoding:\vchunked\r\n\r\n0\r\n\r\n",
		"a length in a line that goes on":    "X-A: a\r\n Content-Length: 3\r\n\r\nabc",
		"chunks in a line that goes on":      "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
		"a line that goes on after a tab":    "X-A: a\r\n\tb\r\n\r\n",
		"a carriage return alone":            "X-A: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"two hosts":                          "Host: other.example\r\n\r\n",
	} {
		for _, line := range []string{"GET / HTTP/1.1", "GET /static/x/js/app.js HTTP/1.1", "POST /check HTTP/1.1", "GET /chat/Ann HTTP/1.1", "GET /healthz HTTP/1.1"} {
			if got := answers(t, w, line+"\r\nHost: chat.example\r\n"+headers+smuggled); got != "400, closed" {
				t.Errorf("%s with %s is answered with %s", line, what, got)
			}
		}
	}
	for what, request := range map[string]string{
		"no host":                  "GET / HTTP/1.1\r\n\r\n",
		"a line before the first":  "GET / HTTP/1.1\r\n X-A: a\r\nHost: chat.example\r\n\r\n",
		"chunks in HTTP/1.0":       "GET / HTTP/1.0\r\nHost: chat.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"a path beside the host":   "GET / HTTP/1.1\r\nHost: chat.example/x@y\r\n\r\n",
		"a header that is no line": "GET / HTTP/1.1\r\nHost: chat.example\r\nnonsense\r\n\r\n",
	} {
		if got := answers(t, w, request+smuggled); got != "400, closed" {
			t.Errorf("%s is answered with %s", what, got)
		}
	}
	// An unambiguous request is read to its end, followed by the next one.
	for what, headers := range map[string]string{
		"nothing":                   "\r\n",
		"a body":                    "Content-Length: 3\r\n\r\nabc",
		"chunks":                    "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\n\r\n",
		"a body that looks like it": "Content-Length: 8\r\n\r\nA: b\r\n c",
	} {
		last := strings.Replace(smuggled, "Host:", "Connection: close\r\nHost:", 1)
		if got := answers(t, w, "GET / HTTP/1.1\r\nHost: chat.example\r\n"+headers+last); got != "200, 200, closed" {
			t.Errorf("a request with %s and one more are answered with %s", what, got)
		}
	}
}

// answers returns the statuses of the responses to a stream of requests, until the server
// closes the connection.
func answers(t *testing.T, w *chattest.World, stream string) string {
	t.Helper()
	conn := w.Dial()
	defer conn.Close()
	if _, err := io.WriteString(conn, stream); err != nil {
		t.Fatal(err)
	}
	var got []string
	for in := bufio.NewReader(conn); ; {
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "reset") { // the server left input unread
				return strings.Join(append(got, "closed"), ", ")
			}
			return strings.Join(append(got, err.Error()), ", ")
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		got = append(got, response.Status[:3])
	}
}
