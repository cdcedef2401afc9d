package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"chatserver/chat"
	"chatserver/handlers"
	"chatserver/handlers/ops"
)

// An operator learns how the server saw one request, and nobody else does.
func TestAnOperatorSeesARequestAsTheServerSawIt(t *testing.T) {
	d := newSite(t, func(_ *chat.Options, o *handlers.Options) {
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/32")} // where app.Test comes from
	})
	token := newProbe(t, d)
	if response, _ := get(t, d.server.Ops(), "/seen/"+token); response.StatusCode != 204 {
		t.Errorf("before the request an operator gets %d", response.StatusCode)
	}
	response, body := d.get("/version.json", "Chatserver-Seen", token, "X-Forwarded-For", "203.0.113.9, 198.51.100.7", "X-Forwarded-Proto", "https")
	if response.StatusCode != 200 || strings.Contains(body+fmt.Sprint(response.Header), "198.51.100.7") || strings.Contains(fmt.Sprint(response.Header), token) {
		t.Errorf("the request with the token is answered %d %v %s", response.StatusCode, response.Header, body)
	}
	d.get("/version.json", "Chatserver-Seen", token, "X-Forwarded-For", "192.0.2.1") // only the first request is recorded
	for path, status := range map[string]int{"/seen/" + token: 404, "/seen": 404} {
		if response, _ := d.get(path); response.StatusCode != status {
			t.Errorf("everybody gets %d from %s", response.StatusCode, path)
		}
	}
	response, body = get(t, d.server.Ops(), "/seen/"+token)
	var seen ops.RequestEcho
	if err := json.Unmarshal([]byte(body), &seen); err != nil || response.StatusCode != 200 {
		t.Fatalf("an operator gets %d %s, %v", response.StatusCode, body, err)
	}
	if seen.Address != "198.51.100.7" || seen.Scheme != "https" || seen.Host != "chat.example:9090" || seen.ForwardedProto != "https" ||
		!slices.Equal(seen.ForwardedFor, []string{"203.0.113.9", "198.51.100.7"}) || len(seen.TrustedProxies) != 1 {
		t.Errorf("the recorded request is %+v", seen)
	}
	if response, _ := get(t, d.server.Ops(), "/seen/"+token); response.StatusCode != 404 {
		t.Errorf("it is returned twice: %d", response.StatusCode)
	}
}

// Unknown tokens are refused, and only the newest ones are valid.
func TestOnlyAFewProbesAreValid(t *testing.T) {
	d := newSite(t, nil)
	d.get("/version.json", "Chatserver-Seen", "mine")
	if response, _ := get(t, d.server.Ops(), "/seen/mine"); response.StatusCode != 404 {
		t.Errorf("an unknown token is answered %d", response.StatusCode)
	}
	first := newProbe(t, d)
	last := first
	for range 16 {
		last = newProbe(t, d)
	}
	for token, status := range map[string]int{first: 404, last: 204} {
		if response, _ := get(t, d.server.Ops(), "/seen/"+token); response.StatusCode != status {
			t.Errorf("of 17 tokens one is answered %d instead of %d", response.StatusCode, status)
		}
	}
}

func newProbe(t *testing.T, d *site) string {
	t.Helper()
	response, err := d.server.Ops().Test(httptest.NewRequest(http.MethodPost, "/seen", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var token string
	if _, err := fmt.Fscan(response.Body, &token); err != nil || response.StatusCode != http.StatusCreated {
		t.Fatalf("a token: %d %v", response.StatusCode, err)
	}
	return token
}
