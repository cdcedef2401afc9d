package views

import (
	"bytes"
	"errors"
	"html/template"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"chatserver/locales"
)

// forbidden matches what the page's Content-Security-Policy would block. A browser shows no
// error for it to anyone; that part of the page silently does nothing.
var forbidden = regexp.MustCompile(`(?i)\sstyle\s*=|\son[a-z]+\s*=|<style|<script>|<script type="module"[^>]*>[^<]+<|javascript:|https?://`)

func TestThePolicyStopsNothingOfThePage(t *testing.T) {
	names, err := fs.Glob(FS, "*.html")
	if err != nil || len(names) < 5 {
		t.Fatalf("templates: %v, %v", names, err)
	}
	for _, name := range names {
		if name == "export.html" { // a standalone file for people, with a policy of its own
			continue
		}
		content, err := FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := forbidden.Find(content); found != nil {
			t.Errorf("%s holds %q", name, found)
		}
	}
}

type room struct{ ID, Address, Title string }

func (r room) Path() string {
	if r.ID == "lobby" {
		return "/"
	}
	return "/rooms/" + r.Address
}

type page struct {
	Content                                                                  template.HTML
	Title, Static, Origin, Name, Age, Suggestion, Host, Scheme, SocketScheme string
	Theme, Density, Module, Awaits                                           string
	Accounts, Account                                                        bool
	Room                                                                     room
	Errors                                                                   map[string]string
	MaxText                                                                  int
	SignedIn, AskName                                                        bool
	Refused                                                                  string
	Rooms                                                                    []room
	Me, Transcript                                                           *struct{}
}

func (p *page) SetContent(content template.HTML) { p.Content = content }

func (*page) Locale() *locales.Locale { return locales.Match("en", "") }

func TestTheLobbyNeedsNoRoomInItsAddresses(t *testing.T) {
	html := render(t, page{Room: room{"lobby", "lobby", "Lobby"}})
	for _, want := range []string{`action="/"`, `>websocat ws://chat.example:9090/chat/you<`, `>http://chat.example:9090/<`} {
		if !strings.Contains(html, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

func TestAnotherRoomIsNamedInItsAddresses(t *testing.T) {
	html := render(t, page{Room: room{"night-watch", "night-watch", "Night watch"}})
	for _, want := range []string{
		`action="/rooms/night-watch"`,
		`>websocat &#39;ws://chat.example:9090/chat/you?room=night-watch&#39;<`,
		`>http://chat.example:9090/rooms/night-watch<`,
		`<strong><bdi translate="no">Night watch</bdi></strong>`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

func TestWithoutScriptTheFormComesBackWithWhatIsWrong(t *testing.T) {
	html := render(t, page{
		Room: room{"lobby", "lobby", "Lobby"}, Name: `<b>"Ann"`, Age: "x",
		Errors: map[string]string{"age": "An age is a number.", "form": "The server is full."},
	})
	for _, want := range []string{`value="&lt;b&gt;&#34;Ann&#34;"`, `>An age is a number.<`, `aria-invalid="true"`, `>The server is full.<`} {
		if !strings.Contains(html, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

func render(t *testing.T, data page) string {
	t.Helper()
	data.Static, data.Host, data.Scheme, data.SocketScheme = "/static/0", "chat.example:9090", "http", "ws"
	engine := NewEngine(func(path string) string { return path })
	if err := engine.Load(); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := engine.Render(&out, "room", &data, "layout"); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// brokenPage is a page whose room has no path.
type brokenPage struct {
	page
	Room pathless
}

type pathless struct{ room }

var errPathless = errors.New("this room has no path")

func (pathless) Path() (string, error) { return "", errPathless }

// An error in the middle of a page is an error, not a part of the page.
func TestAPageThatFailsIsNotShown(t *testing.T) {
	engine := NewEngine(func(path string) string { return path })
	if err := engine.Load(); err != nil {
		t.Fatal(err)
	}
	for _, layouts := range [][]string{nil, {"layout"}} {
		var out bytes.Buffer
		if err := engine.Render(&out, "room", &brokenPage{}, layouts...); !errors.Is(err, errPathless) || out.Len() > 0 {
			t.Errorf("inside %v it yields the error %v and %d bytes", layouts, err, out.Len())
		}
	}
	if err := engine.Render(&bytes.Buffer{}, "room", &page{Room: room{"lobby", "lobby", "Lobby"}}, "nowhere"); err == nil {
		t.Error("a layout that does not exist is no error")
	}
}
