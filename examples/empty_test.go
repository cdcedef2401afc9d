package examples_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"

	"chatserver/chattest"
)

// An empty message is neither an event nor the end of the connection: the client keeps it open.
func TestAnEmptyMessageEndsNoConnection(t *testing.T) {
	world := chattest.NewWorld(t)
	var opened atomic.Int32
	relay := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		opened.Add(1)
		options := &websocket.AcceptOptions{Subprotocols: []string{"chat.v1"}}
		client, err := websocket.Accept(w, r, options)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = client.CloseNow() }()
		server, _, err := websocket.Dial(r.Context(), "ws://"+world.Address()+r.RequestURI, &websocket.DialOptions{Subprotocols: options.Subprotocols})
		if err != nil {
			t.Error(err)
			return
		}
		go relayMessages(r, client, server, false)
		relayMessages(r, server, client, true)
	}))
	t.Cleanup(relay.Close)
	ann := start(t, inPython, strings.TrimPrefix(relay.URL, "http://"), "Ann")
	ann.says("hello", "and goodbye")
	ann.hears(2)
	ann.leaves()
	if n := opened.Load(); n != 1 {
		t.Errorf("the client opens %d connections", n)
	}
}

// relayMessages forwards messages until one side closes, and an empty one before each if asked.
func relayMessages(r *http.Request, from, to *websocket.Conn, withEmpty bool) {
	defer func() { _ = to.Close(websocket.StatusNormalClosure, "") }()
	for {
		_, text, err := from.Read(r.Context())
		if err != nil {
			return
		}
		if withEmpty && to.Write(r.Context(), websocket.MessageText, nil) != nil || to.Write(r.Context(), websocket.MessageText, text) != nil {
			return
		}
	}
}
