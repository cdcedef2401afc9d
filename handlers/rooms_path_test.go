package handlers_test

import (
	"encoding/json"
	"net/url"
	"os"
	"strings"
	"testing"

	"chatserver/chat"
	"chatserver/handlers"
)

// roomPath is a case of the rule that maps addresses to rooms. The e2e tests apply the same
// cases to the page and its worker.
type roomPath struct {
	Path, Room, Canonical string
	Seq                   int64 // of a message in the room; 0 for the room itself
}

func roomPaths(t *testing.T) []roomPath {
	t.Helper()
	file, err := os.ReadFile("testdata/room-paths.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []roomPath
	if err := json.Unmarshal(file, &cases); err != nil || len(cases) < 40 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	return cases
}

// Every spelling of a room's address redirects to the one address of its page, and other
// addresses are refused with a page, at the root of a host and below a base path.
func TestARoomHasOneAddress(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "/team"} {
		d := newSite(t, func(_ *chat.Options, o *handlers.Options) {
			if base != "" {
				o.Base = &url.URL{Scheme: "http", Host: "chat.example:9090", Path: base + "/"}
			}
		})
		for _, c := range roomPaths(t) {
			if strings.ContainsFunc(c.Path, func(r rune) bool { return r > 127 }) || c.Path == "/offline" {
				continue // browsers escape such bytes, and /offline is another page
			}
			response, body := d.get(base+c.Path+"?name=Ann", "Accept", "text/html")
			location := response.Header.Get("Location")
			switch {
			case c.Room == "":
				if response.StatusCode != 400 && response.StatusCode != 404 || !strings.Contains(body, `data-testid="refused"`) {
					t.Errorf("%s%s is answered with %d", base, c.Path, response.StatusCode)
				}
			case c.Path == c.Canonical && c.Seq != 0:
				if response.StatusCode != 404 || !strings.Contains(body, `data-testid="refused"`) { // the room has no messages
					t.Errorf("%s%s is answered with %d", base, c.Path, response.StatusCode)
				}
			case c.Path == c.Canonical:
				if response.StatusCode != 200 || !strings.Contains(body, `data-room="`+c.Room+`"`) {
					t.Errorf("%s%s is answered with %d", base, c.Path, response.StatusCode)
				}
			case response.StatusCode != 308 || location != base+c.Canonical+"?name=Ann":
				t.Errorf("%s%s leads to %q with %d", base, c.Path, location, response.StatusCode)
			}
		}
	}
}
