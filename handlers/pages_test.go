package handlers_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/handlers"
	"chatserver/markdown"
)

// says stores a message as somebody said it.
func (d *doors) says(room, from, text string) {
	d.t.Helper()
	draft := chat.Draft{Room: room, ID: uuid.NewString(), AuthorID: from, From: from, Text: text, At: time.Now().UTC()}
	if _, err := d.db.Append(context.Background(), []chat.Draft{draft}); err != nil {
		d.t.Fatal(err)
	}
}

// word is the cookie that a page leaves for its next first paint.
func word(pairs ...string) string {
	query := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	return "chat_page=" + query.Encode()
}

// Two who open the first page of a server at the same moment do not meet in Fiber's
// unlocked list of apps: the race detector watches them.
func TestTheFirstVisitorsMayComeAtOnce(t *testing.T) {
	for range 3 {
		w := chattest.NewWorld(t)
		var coming sync.WaitGroup
		begin := make(chan struct{})
		for range 8 {
			coming.Go(func() {
				<-begin
				if response, _ := w.Handshake("/", "Host", w.Address()); response.StatusCode != 200 {
					t.Errorf("a first visitor hears %s", response.Status)
				}
			})
		}
		close(begin)
		coming.Wait()
	}
}

// Checklist 86: what was said is in the page itself, as text.
func TestThePageComesWithWhatWasSaid(t *testing.T) {
	d := newDoors(t, nil)
	d.says("lobby", "Ann", "hello <script>alert(1)</script>")
	d.says("lobby", `"><img src=x onerror=alert(1)>`, `" data-html x="`)
	d.says("night-watch", "Bob", "all quiet")
	_, body := d.get("/")
	for _, want := range []string{
		`<p dir="auto">hello &lt;script&gt;alert(1)&lt;/script&gt;</p>`, `data-from="Ann"`, `data-rev="2"`, " UTC</time>",
		`data-text="&#34; data-html x=&#34;"`, `href="/rooms/night-watch"`, "Today",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	for _, not := range []string{"<script>alert", "<img src=x", "all quiet"} {
		if strings.Contains(body, not) {
			t.Errorf("the page has %s", not)
		}
	}
	if _, body := d.get("/", "Cookie", word("zone", "Asia/Tokyo")); strings.Contains(body, " UTC</time>") {
		t.Error("times are not those of the zone that the browser told")
	}
}

// broken is a store that cannot be read.
type broken struct{ chat.Store }

func (broken) Before(context.Context, string, int64, chat.Limit) (chat.Page, error) {
	return chat.Page{}, errors.New("the disk is gone")
}

func (broken) Rooms(context.Context, string, string, int) ([]chat.Room, error) {
	return nil, errors.New("the disk is gone")
}

func TestAStoreThatFailsStillServesThePage(t *testing.T) {
	d := doorsOn(t, func(db chat.Store) chat.Store { return broken{db} }, nil)
	response, body := d.get("/rooms/night-watch")
	if response.StatusCode != http.StatusOK || strings.Contains(body, "data-epoch") || !strings.Contains(body, `href="/rooms/night-watch"`) {
		t.Errorf("got %d\n%s", response.StatusCode, body)
	}
}

func TestWhoWasInGetsTheRoomAtOnce(t *testing.T) {
	d := newDoors(t, nil)
	const in, asked = `data-screen="join" data-testid="join" hidden`, `data-screen="room" hidden`
	for _, test := range []struct {
		what, path, cookie, want string
	}{
		{"a stranger", "/", "", asked},
		{"who was in", "/", word("name", "Ann", "age", "25"), in},
		{"who left", "/", word("zone", "Europe/Paris"), asked},
		{"whose name cannot be", "/", word("name", "a/b"), asked},
		{"who brings a name", "/?name=Bob", word("name", "Ann"), asked},
		{"a cookie of somebody else's making", "/", "chat_page=%zz;", asked},
	} {
		_, body := d.get(test.path, "Cookie", test.cookie)
		if strings.Contains(body, in) == strings.Contains(body, asked) || !strings.Contains(body, test.want) {
			t.Errorf("%s: no %s", test.what, test.want)
		}
	}
	if _, body := d.get("/", "Cookie", word("name", "Ann", "age", "25")); !strings.Contains(body, `data-me="Ann" data-id=`) {
		t.Error("the page does not say who comes in")
	}
	if _, body := d.get("/", "Cookie", word("name", "a/b")); !strings.Contains(body, `data-refused="a/b"`) || !strings.Contains(body, "A name cannot contain") {
		t.Error("the page does not say who was refused, and why")
	}
}

// Where no module runs, links open elsewhere as well, and say nothing of where they are.
func TestLinksOfAPageOpenElsewhere(t *testing.T) {
	d := newDoors(t, func(rules *chat.Options, _ *handlers.Options) { rules.Renderer = markdown.New() })
	d.says("lobby", "Ann", "see http://b.example/c, **so**")
	d.says("lobby", "Bob", "plain http://")
	_, body := d.get("/")
	for _, want := range []string{
		`see <a target="_blank" rel="noopener noreferrer nofollow" href="http://b.example/c" translate="no">http://b.example/c</a>, <strong>so</strong>`,
		`<div class="message-text" data-testid="message-text"><p dir="auto">plain http://</p></div>`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}
