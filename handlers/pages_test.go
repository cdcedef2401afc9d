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

// stores stores a message.
func (d *site) stores(room, from, text string) {
	d.t.Helper()
	draft := chat.Post{Room: room, ID: uuid.NewString(), AuthorID: from, From: from, Text: text, At: time.Now().UTC()}
	if _, err := d.db.Commit(context.Background(), []chat.Change{draft}); err != nil {
		d.t.Fatal(err)
	}
}

// pageCookie is the cookie that a page sets for its next server-side render.
func pageCookie(pairs ...string) string {
	query := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	return "chat_page=" + query.Encode()
}

// Two visitors who open the first page of a server at the same moment do not race for
// Fiber's unlocked list of apps; the race detector checks it.
func TestTheFirstVisitorsMayComeAtTheSameTime(t *testing.T) {
	for range 3 {
		w := chattest.NewWorld(t)
		var coming sync.WaitGroup
		begin := make(chan struct{})
		for range 8 {
			coming.Go(func() {
				<-begin
				if response, _ := w.Handshake("/", "Host", w.Address()); response.StatusCode != 200 {
					t.Errorf("a first visitor gets %s", response.Status)
				}
			})
		}
		close(begin)
		coming.Wait()
	}
}

// The newest messages are in the page itself, as text.
func TestThePageContainsTheNewestMessages(t *testing.T) {
	d := newSite(t, nil)
	d.stores("lobby", "Ann", "hello <script>alert(1)</script>")
	d.stores("lobby", `"><img src=x onerror=alert(1)>`, `" data-html x="`)
	d.stores("night-watch", "Bob", "all quiet")
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
	if _, body := d.get("/", "Cookie", pageCookie("zone", "Asia/Tokyo")); strings.Contains(body, " UTC</time>") {
		t.Error("times are not in the zone from the cookie")
	}
}

// unreadableStore is a store that cannot be read.
type unreadableStore struct{ chat.Store }

func (unreadableStore) Before(context.Context, string, int64, chat.Limit) (chat.Page, error) {
	return chat.Page{}, errors.New("the disk is gone")
}

func (unreadableStore) Rooms(context.Context, string, string, int) ([]chat.Room, error) {
	return nil, errors.New("the disk is gone")
}

func TestThePageIsServedWithoutAStore(t *testing.T) {
	d := siteOn(t, func(db chat.Store) chat.Store { return unreadableStore{db} }, nil)
	response, body := d.get("/rooms/night-watch")
	if response.StatusCode != http.StatusOK || strings.Contains(body, "data-epoch") || !strings.Contains(body, `href="/rooms/night-watch"`) {
		t.Errorf("got %d\n%s", response.StatusCode, body)
	}
}

func TestASignedInUserGetsTheRoomAtOnce(t *testing.T) {
	d := newSite(t, nil)
	const in, asked = `data-screen="join" data-testid="join" hidden`, `data-screen="room" hidden`
	for _, test := range []struct {
		what, path, cookie, want string
	}{
		{"a stranger", "/", "", asked},
		{"a signed-in user", "/", pageCookie("name", "Ann", "age", "25"), in},
		{"a user who left", "/", pageCookie("zone", "Europe/Paris"), asked},
		{"an invalid name", "/", pageCookie("name", "a/b"), asked},
		{"a name in the URL", "/?name=Bob", pageCookie("name", "Ann"), asked},
		{"a cookie that the page did not write", "/", "chat_page=%zz;", asked},
	} {
		_, body := d.get(test.path, "Cookie", test.cookie)
		if strings.Contains(body, in) == strings.Contains(body, asked) || !strings.Contains(body, test.want) {
			t.Errorf("%s: no %s", test.what, test.want)
		}
	}
	if _, body := d.get("/", "Cookie", pageCookie("name", "Ann", "age", "25")); !strings.Contains(body, `data-me="Ann" data-id=`) {
		t.Error("the page does not name the signed-in user")
	}
	if _, body := d.get("/", "Cookie", pageCookie("name", "a/b")); !strings.Contains(body, `data-refused="a/b"`) || !strings.Contains(body, "A name cannot contain") {
		t.Error("the page does not say which name was refused, and why")
	}
}

// Without modules, links also open in another tab, and send no referrer.
func TestLinksOpenInAnotherTab(t *testing.T) {
	d := newSite(t, func(rules *chat.Options, _ *handlers.Options) { rules.Renderer = markdown.New() })
	d.stores("lobby", "Ann", "see http://b.example/c, **so**")
	d.stores("lobby", "Bob", "plain http://")
	_, body := d.get("/")
	for _, want := range []string{
		`see <a target="_blank" rel="noopener noreferrer nofollow" href="http://b.example/c" translate="no">http://b.example/c</a>, <strong>so</strong>`,
		`<div class="message-text" data-part="text" data-testid="message-text"><p dir="auto">plain http://</p></div>`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}
