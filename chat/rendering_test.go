package chat_test

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"chatserver/chat"
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
		if time.Since(began) > 20*time.Second {
			t.Fatal("the condition did not become true")
		}
	}
}
