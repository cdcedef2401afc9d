package handlers_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"chatserver/chattest"
)

// browserAccept is the Accept header of a navigation in Chromium.
const browserAccept = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"

// askers are clients with the headers that they send, and whether they show the response as a
// document.
var askers = []struct {
	who     string
	headers []string
	page    bool
}{
	{"a browser", []string{"Accept", browserAccept, "Sec-Fetch-Dest", "document", "Sec-Fetch-Mode", "navigate"}, true},
	{"a browser without fetch metadata", []string{"Accept", browserAccept}, true},
	{"a client that names a charset", []string{"Accept", "text/html;charset=utf-8"}, true},
	{"a service worker that forwards a navigation", []string{"Accept", browserAccept, "Sec-Fetch-Dest", "empty", "Sec-Fetch-Mode", "navigate"}, true},
	{"a service worker that changes the mode", []string{"Accept", browserAccept, "Sec-Fetch-Dest", "empty", "Sec-Fetch-Mode", "same-origin"}, true},
	{"a browser that accepts anything", []string{"Accept", "*/*", "Sec-Fetch-Dest", "document", "Sec-Fetch-Mode", "navigate"}, true},
	{"a navigation without Accept", []string{"Sec-Fetch-Mode", "navigate"}, true},
	{"a frame", []string{"Accept", browserAccept, "Sec-Fetch-Dest", "iframe", "Sec-Fetch-Mode", "navigate"}, true},
	{"a script", []string{"Accept", "*/*", "Sec-Fetch-Dest", "empty", "Sec-Fetch-Mode", "cors"}, false},
	{"an image", []string{"Accept", "image/avif,image/webp,*/*", "Sec-Fetch-Dest", "image", "Sec-Fetch-Mode", "no-cors"}, false},
	{"an image that accepts HTML", []string{"Accept", browserAccept, "Sec-Fetch-Dest", "image", "Sec-Fetch-Mode", "no-cors"}, false},
	{"a module", []string{"Accept", "*/*", "Sec-Fetch-Dest", "script", "Sec-Fetch-Mode", "cors"}, false},
	{"curl", []string{"Accept", "*/*"}, false},
	{"a program without headers", nil, false},
	{"a program that refuses HTML", []string{"Accept", "application/json, text/html;q=0"}, false},
	{"a program whose q is no number", []string{"Accept", "application/json, text/html;q=nan"}, false},
	{"a navigation that refuses HTML", []string{"Accept", "text/plain", "Sec-Fetch-Mode", "navigate"}, false},
	{"a WebSocket client", handshake("Accept", browserAccept), false},
}

// Browsers get errors as pages, also through a service worker. Programs and scripts get one
// sentence.
func TestErrorsArePagesWhereADocumentIsWanted(t *testing.T) {
	d := newSite(t, nil)
	d.server.Public().Get("/panics", func(*fiber.Ctx) error { panic("a bug") })
	for _, asker := range askers {
		for path, status := range map[string]int{
			"/rooms/Bad%20Room!": 400, "/rooms/%zz": 400, "/rooms/": 404, "/nowhere": 404, "/static/x/nowhere.js": 404, "/rooms/Bad%20Room!/qr.svg": 400, "/panics": 500,
		} {
			if got, page := answerOf(t, d, http.MethodGet, path, asker.headers...); got != status || page != asker.page {
				t.Errorf("%s gets %d for %s, a page: %t", asker.who, got, path, page)
			}
		}
		if got, page := answerOf(t, d, http.MethodPost, "/", asker.headers...); got != 405 || page != asker.page {
			t.Errorf("%s that posts gets %d, a page: %t", asker.who, got, page)
		}
	}
	d.chat.BeginStop()
	for _, asker := range askers {
		if got, page := answerOf(t, d, http.MethodGet, "/healthz", asker.headers...); got != 503 || page != asker.page {
			t.Errorf("%s gets %d of a server that stops, a page: %t", asker.who, got, page)
		}
	}
}

// This holds for every status, since all route handlers and the router return their errors to
// one error handler.
func TestEveryErrorStatusIsAPageWhereADocumentIsWanted(t *testing.T) {
	d := newSite(t, nil)
	d.server.Public().Get("/fails/:status", func(c *fiber.Ctx) error {
		status, _ := c.ParamsInt("status")
		return fiber.NewError(status)
	})
	for _, status := range []int{400, 403, 404, 405, 408, 409, 413, 421, 426, 429, 431, 500, 503, 505} {
		for _, asker := range askers {
			if got, page := answerOf(t, d, http.MethodGet, fmt.Sprint("/fails/", status), asker.headers...); got != status || page != asker.page {
				t.Errorf("%s gets %d for %d, a page: %t", asker.who, got, status, page)
			}
		}
	}
}

// A form that is too large gets an error page in a browser, although it reaches no route.
func TestATooLargeFormIsAnsweredWithAPage(t *testing.T) {
	w := chattest.NewWorld(t)
	const size = 65 << 10 // over the limit of a body, by less than the kernel buffers
	for _, asker := range askers {
		if asker.who == "a WebSocket client" {
			continue // it has no body
		}
		request := "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 66560\r\n"
		for i := 0; i < len(asker.headers); i += 2 {
			request += asker.headers[i] + ": " + asker.headers[i+1] + "\r\n"
		}
		response, said := sendRaw(t, w.Address(), request+"\r\n"+strings.Repeat("x", size))
		if page := isErrorPage(response, said); response.StatusCode != 413 || page != asker.page {
			t.Errorf("%s gets %s, a page: %t", asker.who, response.Status, page)
		}
	}
}

// answerOf returns the status of a response and whether it is a page. It fails the test if the
// response is neither a page nor one line of text.
func answerOf(t *testing.T, d *site, method, path string, headers ...string) (status int, page bool) {
	t.Helper()
	request := httptest.NewRequest(method, "/", nil)
	request.Host, request.RequestURI = "chat.example", path
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := d.server.Public().Test(request, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	page = isErrorPage(response, string(body))
	if kind := response.Header.Get("Content-Type"); !page && (!strings.HasPrefix(kind, "text/plain") || strings.Count(string(body), "\n") != 1) {
		t.Errorf("%s %s is answered with neither: %s %.80q", method, path, kind, body)
	}
	if response.Header.Get("Cache-Control") != "no-store" || !strings.Contains(response.Header.Get("Vary"), "Sec-Fetch-Dest") {
		t.Errorf("a cache may serve it to other clients: %v", response.Header)
	}
	return response.StatusCode, page
}

func isErrorPage(response *http.Response, body string) bool {
	return strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") && strings.Contains(body, `data-testid="refused"`) &&
		strings.Contains(response.Header.Get("Content-Security-Policy"), "script-src 'self'")
}
