package chat_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/cluster"
	"chatserver/jsonstring"
	"chatserver/node"
	"chatserver/store"
)

// slowRenderer renders a text only when it may proceed.
type slowRenderer struct {
	begun   chan string
	proceed chan struct{}
}

func (s slowRenderer) Render(text string) string {
	s.begun <- text
	<-s.proceed
	return text
}

func (slowRenderer) Simple(text string) (string, bool) { return text, !strings.Contains(text, "*") }
func (slowRenderer) Version() int                      { return 1 }

// visitorInLobby connects a visitor from an address and joins the lobby.
func visitorInLobby(t *testing.T, c *chat.Chat, name, address string) *chat.Connection {
	t.Helper()
	conn, _ := visitorAt(t, c, name, netip.MustParseAddr(address))
	join(t, c, conn, nil)
	return conn
}

// TestRenderingIsSharedFairlyByAddress floods the renderer from one address with many
// connections. A message from another address is rendered next, plain words need no turn,
// and one processor stays free.
func TestRenderingIsSharedFairlyByAddress(t *testing.T) {
	by := slowRenderer{make(chan string), make(chan struct{})}
	c := startChatWithRenderer(t, by)
	atOnce := max(1, runtime.GOMAXPROCS(0)-1)
	const eves = 30
	var composed sync.WaitGroup
	says := func(conn *chat.Connection, text string) {
		composed.Go(func() {
			if _, err := c.Compose(context.Background(), conn, chat.Lobby, chat.Outgoing{Text: text}); err != nil {
				t.Error(err)
			}
		})
	}
	for i := range eves + atOnce {
		says(visitorInLobby(t, c, fmt.Sprint("Eve ", i), "203.0.113.7"), "*eve*")
	}
	for range atOnce {
		<-by.begun
	}
	eve := chat.PayerOf(netip.MustParseAddr("203.0.113.7"), chat.User{})
	ann := visitorInLobby(t, c, "Ann", "198.51.100.1")
	await(t, func() bool { return c.WaitingToRender(eve) == eves })
	says(ann, "*ann*")
	await(t, func() bool { return c.WaitingToRender(chat.PayerOf(ann.Address, ann.User)) == 1 })
	if err := compose(c, visitorInLobby(t, c, "Bob", "198.51.100.2"), chat.Lobby, "", "plain words"); err != nil {
		t.Errorf("plain words cannot be sent: %v", err)
	}
	select {
	case text := <-by.begun:
		t.Errorf("%s is rendered at the same time as %d others", text, atOnce)
	default:
	}
	var order []string
	for range eves + 1 {
		by.proceed <- struct{}{}
		order = append(order, <-by.begun)
	}
	if at := strings.Index(strings.Join(order, " "), "*ann*") / len("*eve* "); at > 1 {
		t.Errorf("Ann waits for %d messages of Eve", at)
	}
	close(by.proceed)
	composed.Wait()
}

// await polls until a condition is true.
func await(t *testing.T, happens func() bool) {
	t.Helper()
	for began := time.Now(); !happens(); time.Sleep(time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatal("the condition did not become true")
		}
	}
}

// upperRenderer renders a text in capitals, repeated a number of times, and counts its
// calls.
type upperRenderer struct {
	version, times int
	rendered       *atomic.Int64
}

func (l upperRenderer) Render(text string) string {
	l.rendered.Add(1)
	return strings.Repeat(strings.ToUpper(text), l.times)
}

func (upperRenderer) Simple(string) (string, bool) { return "", false }

func (l upperRenderer) Version() int { return l.version }

// htmls are frames with the text and HTML of messages.
type htmls struct{}

func (htmls) Append(dst []byte, event chat.Event) []byte {
	var messages []chat.Message
	switch e := event.(type) {
	case chat.Said:
		messages = []chat.Message{e.Message}
	case chat.RoomSnapshot:
		messages = e.Page.Messages
	case chat.Backfill:
		messages = e.Page.Messages
	}
	for _, m := range messages {
		dst = fmt.Appendf(dst, "%s=%s ", m.Text, m.HTML)
	}
	return dst
}

// startChatWithRenderer starts a chat on a store that already has some messages.
func startChatWithRenderer(t *testing.T, by chat.Renderer, drafts ...chat.Change) *chat.Chat {
	t.Helper()
	db, err := store.OpenSQLite(context.Background(), t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Commit(context.Background(), drafts); len(drafts) > 0 && err != nil {
		t.Fatal(err)
	}
	c := node.Start(db, [chat.Kinds]chat.Frames{chat.PlainText: texts{}, chat.JSON: htmls{}, chat.LargeJSON: htmls{}}, cluster.Alone(), chat.Options{Renderer: by})
	t.Cleanup(func() {
		c.BeginStop()
		if err := errors.Join(c.Stop(context.Background()), db.Close()); err != nil {
			t.Error(err)
		}
	})
	return c
}

func old(id int, text string, version int) chat.Post {
	return chat.Post{Room: chat.Lobby, ID: fmt.Sprintf("0198c5a0-7f3e-7cc2-a1b2-%012d", id), From: "Ann", Text: text, HTML: "stored", HTMLVersion: version}
}

// TestAMessageIsRenderedOnceWhenItIsSent checks that all members share that HTML.
func TestAMessageIsRenderedOnceWhenItIsSent(t *testing.T) {
	by := upperRenderer{1, 1, new(atomic.Int64)}
	c := startChatWithRenderer(t, by)
	ann, book := visitor(t, c, "Ann")
	join(t, c, ann, nil)
	for i := range 5 {
		conn, _ := visitor(t, c, fmt.Sprint("p", i))
		join(t, c, conn, nil)
	}
	says(t, c, ann, book, "hi")
	book.waitFor(t, "hi=HI ")
	bob, heard := visitor(t, c, "Bob")
	join(t, c, bob, nil)
	heard.waitFor(t, "hi=HI ")
	if n := by.rendered.Load(); n != 1 {
		t.Errorf("it was rendered %d times", n)
	}
}

// TestHTMLOfAnotherVersionIsRenderedAgain reads messages without HTML, with that of another
// version and with that of this version: only the first two are rendered again.
func TestHTMLOfAnotherVersionIsRenderedAgain(t *testing.T) {
	by := upperRenderer{2, 1, new(atomic.Int64)}
	c := startChatWithRenderer(t, by, old(1, "none", 0), old(2, "other", 1), old(3, "this", 2))
	const want = "none=NONE other=OTHER this=stored "
	for name, at := range map[string]*chat.Position{"the newest page": nil, "what changed": {Rev: 0}} {
		conn, book := visitor(t, c, "Ann")
		join(t, c, conn, at)
		book.waitFor(t, want)
		page, err := c.History(context.Background(), conn, chat.Lobby, 3)
		if err != nil || len(page.Messages) != 2 || page.Messages[0].HTML != "NONE" || page.Messages[1].HTML != "OTHER" {
			t.Errorf("%s; the history is %+v, %v", name, page.Messages, err)
		}
		c.Exit(conn)
	}
	before := by.rendered.Load()
	_, heard := person(t, c, "Tom", 3)
	heard.waitFor(t, "none other this +Tom ")
	if n := by.rendered.Load() - before; n != 0 {
		t.Errorf("%d messages were rendered for plain text", n)
	}
}

// TestAPageThatGrowsIsCut renders a page to larger HTML: the page is cut, and the following
// pages have the rest.
func TestAPageThatGrowsIsCut(t *testing.T) {
	var drafts []chat.Change
	for i := range 40 {
		drafts = append(drafts, old(i, strings.Repeat("x", 1000)+fmt.Sprint(i), 0))
	}
	c := startChatWithRenderer(t, upperRenderer{2, 9, new(atomic.Int64)}, drafts...)
	conn, _ := visitor(t, c, "Ann")
	join(t, c, conn, nil)
	pages, seq := 0, int64(chat.Newest)
	for read := 0; read < len(drafts); pages++ {
		page, err := c.History(context.Background(), conn, chat.Lobby, seq)
		if err != nil || len(page.Messages) == 0 {
			t.Fatalf("after %d messages: %v", read, err)
		}
		bytes := 0
		for _, m := range page.Messages {
			bytes += m.Size()
		}
		read += len(page.Messages)
		if seq = page.Messages[0].Seq; bytes > chat.PageLimit.Bytes || page.More != (read < len(drafts)) || seq != int64(len(drafts)-read+1) {
			t.Fatalf("a page of %d bytes starts at seq %d after %d messages, more %v", bytes, seq, read, page.More)
		}
	}
	if pages < 6 {
		t.Errorf("400 kB came in %d pages", pages)
	}
}

// TestPlainHTMLIsWhatWasTyped also checks that characters which no page can show are left
// out, and that the size stays within MaxEncoded.
func TestPlainHTMLIsWhatWasTyped(t *testing.T) {
	for text, want := range map[string]string{
		"hi": "hi", "<b>&amp;": "&lt;b&gt;&amp;amp;", "a\nb\r\nc\rd": "a<br>b<br>c<br>d", "a\x01\x7f\tb": "a\tb", `"quotes'`: `"quotes'`,
	} {
		if got := chat.PlainHTML(text); got != `<p dir="auto">`+want+`</p>` {
			t.Errorf("%q becomes %q", text, got)
		}
	}
	for _, b := range []string{"&", "<", "\"", "\n", "\x01", "\u2028", "x", "\\"} {
		text := strings.Repeat(b, 32768/len(b))
		if size := jsonstring.Size(text) + jsonstring.Size(chat.PlainHTML(text)); size > chat.MaxEncoded {
			t.Errorf("32 kB of %q take %d bytes", b, size)
		}
	}
}
