package chat_test

import (
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"chatserver/chat"
)

// slowly renders no text before it is let.
type slowly struct {
	begun chan string
	let   chan struct{}
}

func (s slowly) Render(text string) string {
	s.begun <- text
	<-s.let
	return text
}

func (slowly) Simple(text string) (string, bool) { return text, !strings.Contains(text, "*") }
func (slowly) Version() int                      { return 1 }

// comesFrom is a visitor at an address, who is in the lobby.
func comesFrom(t *testing.T, c *chat.Chat, name, address string) *chat.Connection {
	t.Helper()
	conn, _ := visitorAt(t, c, name, netip.MustParseAddr(address))
	join(t, c, conn, nil)
	return conn
}

// However many connections somebody has, somebody else's message is rendered next, and
// one processor is free for all else. Plain words wait for nobody.
func TestNobodyWaitsForAllThatOneAddressHasRendered(t *testing.T) {
	by := slowly{make(chan string), make(chan struct{})}
	c := renders(t, by)
	atOnce := max(1, runtime.GOMAXPROCS(0)-1)
	const eves = 30
	var composed sync.WaitGroup
	says := func(conn *chat.Connection, text string) {
		composed.Go(func() {
			if _, err := c.Compose(conn, chat.Lobby, "", text, nil); err != nil {
				t.Error(err)
			}
		})
	}
	for i := range eves + atOnce {
		says(comesFrom(t, c, fmt.Sprint("Eve ", i), "203.0.113.7"), "*eve*")
	}
	for range atOnce {
		<-by.begun
	}
	eve := chat.PayerOf(netip.MustParseAddr("203.0.113.7"), chat.User{})
	ann := comesFrom(t, c, "Ann", "198.51.100.1")
	await(t, func() bool { return c.WaitingToRender(eve) == eves })
	says(ann, "*ann*")
	await(t, func() bool { return c.WaitingToRender(chat.PayerOf(ann.Address, ann.User)) == 1 })
	if err := compose(c, comesFrom(t, c, "Bob", "198.51.100.2"), chat.Lobby, "", "plain words"); err != nil {
		t.Errorf("plain words wait too: %v", err)
	}
	select {
	case text := <-by.begun:
		t.Errorf("%s is rendered besides %d others", text, atOnce)
	default:
	}
	var order []string
	for range eves + 1 {
		by.let <- struct{}{}
		order = append(order, <-by.begun)
	}
	if at := strings.Index(strings.Join(order, " "), "*ann*") / len("*eve* "); at > 1 {
		t.Errorf("Ann waits for %d messages of Eve", at)
	}
	close(by.let)
	composed.Wait()
}

// await waits for what must happen.
func await(t *testing.T, happens func() bool) {
	t.Helper()
	for began := time.Now(); !happens(); time.Sleep(time.Millisecond) {
		if time.Since(began) > 20*time.Second {
			t.Fatal("it does not happen")
		}
	}
}
