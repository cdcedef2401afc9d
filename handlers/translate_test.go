package handlers_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"chatserver/chattest"
)

// A browser that translates the page does not touch names and code: the server marks every
// user, room and block of code as not translatable, and nothing else.
func TestNamesAndCodeAreNotTranslated(t *testing.T) {
	w := chattest.NewWorld(t)
	ann := w.Connect("Anna Weiss", "room=night-watch")
	ann.Hears("Anna Weiss connected to chat")
	for _, text := range []string{"`one`", "```go\nfunc two() {}\n```", "    three", "plain"} {
		ann.Says(text)
		ann.Hears("Anna Weiss: " + text)
	}
	response, err := http.Get(w.URL("/rooms/night-watch")) //nolint:noctx // it ends with the test's server
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	page := string(content)
	const no = `translate="no"`
	for what, element := range map[string]string{
		"a name": `<bdi[^>]*>Anna Weiss</bdi>`, "code": `<code[^>]*>`, "the room": `<h1[^>]*>Night watch</h1>`, "initials": `<span class="avatar"[^>]*>`,
		"a name that a module writes": `<(?:bdi|span|div)[^>]*class="(?:member|me)-name"[^>]*>`,
	} {
		found := regexp.MustCompile(element).FindAllString(page, -1)
		if len(found) == 0 {
			t.Errorf("the page has no element for %s", what)
		}
		for _, tag := range found {
			if !strings.Contains(tag, no) {
				t.Errorf("%s may be translated: %s", what, tag)
			}
		}
	}
	if prose := regexp.MustCompile(`<p[^>]*>plain</p>`).FindString(page); prose == "" || strings.Contains(prose, no) {
		t.Errorf("prose is rendered as %q", prose)
	}
}
