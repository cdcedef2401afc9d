package handlers_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"chatserver/chattest"
)

// asks sends a request verbatim on a new connection, and returns the status and the body of
// the response. Status 0 means that the connection was closed without a response.
func asks(t *testing.T, w *chattest.World, request string) (status int, said string) {
	t.Helper()
	conn := w.Dial()
	defer func() { _ = conn.Close() }()
	go func() { _, _ = io.WriteString(conn, request) }() // the server may not read all of a request that is too big
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	body, _ := io.ReadAll(response.Body) // the connection may be reset after the response
	return response.StatusCode, string(body)
}

// many returns the given number of short headers with different names.
func many(headers int) string {
	var all strings.Builder
	for i := range headers {
		fmt.Fprintf(&all, "%x:\r\n", 4096+i)
	}
	return all.String()
}

// Every part of a request has a maximum size, and a request of that size costs little CPU.
func TestEveryPartOfARequestIsBounded(t *testing.T) {
	w := chattest.NewWorld(t)
	ann := w.Connect("Ann", "")
	ann.Hears("Ann connected to chat")
	get := func(path, headers string) string {
		return "GET " + path + " HTTP/1.1\r\nHost: " + w.Address() + "\r\nConnection: close\r\n" + headers + "\r\n"
	}
	comes := func(headers string) string {
		return strings.TrimSuffix(handshakeText(w, "/chat/Bob"), "\r\n") + headers + "\r\n"
	}
	post := func(length int, body string) string {
		return fmt.Sprintf("POST / HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s", w.Address(), length, body)
	}
	for _, test := range []struct {
		what, request string
		status        int
	}{
		{"a body of 65 kB", post(65<<10, strings.Repeat("x", 65<<10)), 413},
		{"a gigabyte, announced", post(1<<30, "x"), 413},
		{"more than there are numbers for", strings.Replace(post(1, "x"), ": 1\r\n", ": 99999999999999999999\r\n", 1), 400},
		{"a body in endless chunks", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1000\r\n"+strings.Repeat("x", 4096)+"\r\n", 20), 413},
		{"a body that nobody asked for", post(60<<10, strings.Repeat("x", 60<<10)), 405},
		{"a path of 17 kB", get("/"+strings.Repeat("x", 17<<10), ""), 431},
		{"a header of 17 kB", get("/", "X-A: "+strings.Repeat("x", 17<<10)+"\r\n"), 431},
		{"3000 headers", get("/", many(3000)), 431},
		{"2000 headers", get("/robots.txt", many(2000)), 200},
		{"2000 headers of a handshake", comes(many(2000)), 431},
		{"100 headers of a handshake", comes(many(95)), 101},
		{"101 headers of a handshake", comes(many(96)), 431},
		{"7000 arguments", get("/check?"+strings.Repeat("a&", 7000)+"name=Eve", ""), 200},
		{"3500 ages", get("/check?"+strings.Repeat("age&", 3500)+"name=Eve", ""), 200},
		{"7000 arguments of a handshake", strings.Replace(comes(""), "/chat/Bob", "/chat/Cid?"+strings.Repeat("a&", 7000), 1), 101},
		{"2500 ages of a handshake", strings.Replace(comes(""), "/chat/Bob", "/chat/Dan?"+strings.Repeat("age=1&", 2500), 1), 400},
	} {
		cpu, began := used(t), time.Now()
		status, said := asks(t, w, test.request)
		cost := used(t) - cpu
		if status != test.status {
			t.Errorf("%s is answered with %d %.100q instead of %d", test.what, status, said, test.status)
		}
		if chattest.Exceeds(cost, 500*time.Millisecond) {
			t.Errorf("%s costs %v", test.what, cost)
		}
		chattest.Figure(t, "attack 28", "%s: %d after %v, CPU %v with the client", test.what, status, time.Since(began).Round(100*time.Microsecond), cost.Round(100*time.Microsecond))
	}
	ann.Says("still here")
	for { // joins and leaves arrive as well
		if line, err := ann.Line(); err != nil {
			t.Fatal(err)
		} else if line == "Ann: still here" {
			return
		}
	}
}
