package client_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"chatserver/chattest"
	"chatserver/client"
)

// plays runs a server that follows a script over a real socket. It sends each text; one
// that begins with < must instead be part of the client's next command. It closes a channel
// as soon as the client has processed what was sent before.
func plays(t *testing.T, script ...any) (server string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{client.Subprotocol}})
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.CloseNow() //nolint:errcheck // the client has left
		for _, step := range script {
			if processed, ok := step.(chan struct{}); ok {
				go func() { // the pong is read with the next command
					if conn.Ping(r.Context()) == nil { // pings are answered in their order
						close(processed)
					}
				}()
				continue
			}
			line := step.(string)
			want, command := strings.CutPrefix(line, "<")
			if !command {
				err = conn.Write(r.Context(), websocket.MessageText, []byte(line))
			} else if _, got, readErr := conn.Read(r.Context()); readErr != nil || !strings.Contains(string(got), want) {
				err = fmt.Errorf("the client sends %s, %w, want %s", got, readErr, want)
			}
			if err != nil {
				t.Error(err)
				return
			}
		}
		var rest any
		_ = wsjson.Read(r.Context(), conn, &rest) // until the client leaves
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func said(revs ...int) string {
	var all []string
	for _, rev := range revs {
		all = append(all, fmt.Sprintf(`{"id":"m%d","seq":%d,"rev":%d,"from":"Bob","text":"%d"}`, rev, rev, rev, rev))
	}
	return strings.Join(all, ",")
}

// A page may overlap with delivered messages, and a live message may arrive before its
// predecessor. By the order law, each is delivered once, and missing ones are requested.
func TestOverlapsAreDeliveredOnceAndGapsAreRequested(t *testing.T) {
	p := comes(t, plays(
		t,
		welcome, join+"}", page(0, 2, true),
		`<"since":2,"epoch":"e"`, page(2, 3, false),
		live(4), live(4),
		live(7), // 5 and 6 are missing
		`<"since":4,"epoch":"e"`,
		`{"event":"changes","room":"lobby","since":3,"rev":6,"messages":[`+said(4, 5, 6)+`]}`,
		page(4, 7, false),
		`{"event":"unheard of","room":"lobby"}`,
		live(8),
	), "Ann", client.Options{})
	p.Join("lobby")
	if got, want := p.hears(8), []string{"1", "2", "3", "4", "5", "6", "7", "8"}; !slices.Equal(got, want) {
		t.Errorf("received %q", got)
	}
}

const (
	welcome = `{"event":"welcome","user":{"name":"Ann"},"epoch":"e","limits":{"text_bytes":8192}}`
	join    = `<{"cmd":"join","room":"lobby"`
)

// live returns a new message's event.
func live(rev int) string {
	return strings.Replace(said(rev), "{", `{"event":"message","room":"lobby",`, 1)
}

// page returns an answer to a join.
func page(since, rev int, more bool) string {
	var revs []int
	for r := since + 1; r <= rev; r++ {
		revs = append(revs, r)
	}
	return fmt.Sprintf(`{"event":"room","room":"lobby","since":%d,"rev":%d,"messages":[%s],"more":%v}`, since, rev, said(revs...), more)
}

// An event that does not fit into the queue is dropped, and requested again when there
// is space.
func TestTheQueueOfEventsIsBounded(t *testing.T) {
	const n = 60
	script := []any{welcome, join, page(0, 0, false)}
	for rev := 1; rev <= n; rev++ {
		script = append(script, live(rev))
	}
	processed := make(chan struct{})
	p := comes(t, plays(t, append(script, processed, `<"since":`, page(0, n, false))...), "Ann", client.Options{Pending: 10})
	p.Join("lobby")
	select {
	case <-processed: // and nothing was read meanwhile
	case <-time.After(chattest.Patience):
		t.Fatal("the client does not process what it is sent")
	}
	for rev := 1; rev <= n; rev++ {
		if m := until[client.Message](p); m.Rev != int64(rev) {
			t.Fatalf("after %d comes %d", rev-1, m.Rev)
		}
	}
}

// Send may need pages to be processed although nothing reads the events, because its
// caller is the reader.
func TestSendingDoesNotWaitForTheReader(t *testing.T) {
	p := comes(t, plays(
		t, welcome, join, page(0, 3, true),
		`<"since":3`, page(3, 6, true),
		`<"since":6`, page(6, 9, false),
		`<{"cmd":"send"`, strings.Replace(live(10), "m10", "0198c5a0-7f3e-7cc2-a1b2-3c4d5e6f7a8b", 1),
		`<"since":9`, page(9, 10, false), // it did not fit, and is requested after some events were read
	), "Ann", client.Options{Pending: 1})
	p.Join("lobby")
	until[client.Message](p)
	ctx, cancel := context.WithTimeout(t.Context(), chattest.Patience)
	defer cancel()
	if seq, err := p.SendAs(ctx, "lobby", "0198c5a0-7f3e-7cc2-a1b2-3c4d5e6f7a8b", "hi"); seq != 10 || err != nil {
		t.Errorf("it was sent with %d, %v", seq, err)
	}
	if got := p.hears(9); got[8] != "10" {
		t.Errorf("after it she receives %q", got)
	}
}
