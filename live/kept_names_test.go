package live

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"chatserver/chat"
)

// hubWithClock returns a hub, and the clock that it uses.
func hubWithClock(t *testing.T, options chat.Options) (*Hub, *time.Time) {
	t.Helper()
	now := time.Date(2026, time.November, 29, 12, 0, 0, 0, time.UTC)
	options.Now = func() time.Time { return now }
	return testHub(t, [chat.Kinds]chat.Frames{}, false, options), &now
}

// enters connects a user, or returns the refusal.
func enters(t *testing.T, h *Hub, name, key, address string) (*chat.Connection, error) {
	t.Helper()
	conn := &chat.Connection{Actor: chat.GuestAt(guest(t, name, key), netip.Addr{})}
	if address != "" {
		conn.Address = netip.MustParseAddr(address)
	}
	return conn, h.Enter(conn)
}

func mustEnter(t *testing.T, h *Hub, name, key, address string) *chat.Connection {
	t.Helper()
	conn, err := enters(t, h, name, key, address)
	if err != nil {
		t.Fatalf("%s with the key %q: %v", name, key, err)
	}
	return conn
}

// TestANameIsKeptAfterALostConnection checks that the name stays reserved for its key for a
// minute, also against names that look like it, and that the holder can return at any time.
func TestANameIsKeptAfterALostConnection(t *testing.T) {
	h, now := hubWithClock(t, chat.Options{})
	isKept := func(when string) {
		t.Helper()
		for _, other := range [][2]string{{"Ann", "eve"}, {"ANN", ""}, {"\u0410nn", "eve"}} { // the last begins with a Cyrillic letter
			var kept *chat.NameKept
			_, entered := enters(t, h, other[0], other[1], "")
			asked := h.MayEnter(chat.GuestAt(guest(t, other[0], other[1]), netip.Addr{}))
			for _, err := range []error{entered, asked} {
				if !errors.As(err, &kept) || !errors.Is(err, chat.ErrNameTaken) || !strings.Contains(err.Error(), "The name Ann is reserved") {
					t.Errorf("%s: %s with the key %q: %v", when, other[0], other[1], err)
				}
			}
		}
	}
	h.Exit(mustEnter(t, h, "Ann", "ann", ""))
	isKept("at once")
	*now = now.Add(chat.KeepName - time.Millisecond)
	isKept("just before the minute is over")
	back := mustEnter(t, h, "Ann", "ann", "")
	if _, err := enters(t, h, "Ann", "eve", ""); !errors.Is(err, chat.ErrNameTaken) || errors.As(err, new(*chat.NameKept)) {
		t.Errorf("while she is back: %v", err)
	}
	h.Exit(back)
	*now = now.Add(chat.KeepName / 2)
	isKept("half a minute after she was cut again")
	*now = now.Add(chat.KeepName / 2)
	mustEnter(t, h, "Ann", "eve", "")
}

// TestANameIsFreeAfterADisconnect checks the cases in which no name is kept: the holder
// disconnected, has no key, or has another connection that disconnects later.
func TestANameIsFreeAfterADisconnect(t *testing.T) {
	h, _ := hubWithClock(t, chat.Options{})
	left := mustEnter(t, h, "Ann", "ann", "")
	left.Left = true
	h.Exit(left)
	h.Exit(mustEnter(t, h, "Ann", "", ""))
	cut, left := mustEnter(t, h, "Ann", "ann", ""), mustEnter(t, h, "Ann", "ann", "")
	h.Exit(cut)
	left.Left = true
	h.Exit(left)
	h.Exit(mustEnter(t, h, "Ann", "ann", ""))
	back := mustEnter(t, h, "Ann", "ann", "")
	back.Left = true
	h.Exit(back)
	mustEnter(t, h, "Ann", "eve", "")
}

// TestOneAddressKeepsFewNames connects from one address under many names: only a few are
// kept, names from other addresses are not affected, and expired names are forgotten.
func TestOneAddressKeepsFewNames(t *testing.T) {
	const limit = 3
	h, now := hubWithClock(t, chat.Options{MaxPerAddress: limit})
	h.Exit(mustEnter(t, h, "Ann", "ann", "192.0.2.1"))
	for i := range 10 {
		h.Exit(mustEnter(t, h, fmt.Sprint("Eve ", string(rune('a'+i))), "eve", "2001:db8::1"))
	}
	free := 0
	for i := range 10 {
		if h.MayEnter(chat.GuestAt(guest(t, fmt.Sprint("Eve ", string(rune('a'+i))), "bob"), netip.Addr{})) == nil {
			free++
		}
	}
	if free != 10-limit {
		t.Errorf("of ten names from one address, %d are free", free)
	}
	if _, err := enters(t, h, "Ann", "eve", "2001:db8::1"); !errors.As(err, new(*chat.NameKept)) {
		t.Errorf("Ann's name is not kept: %v", err)
	}
	for range 10 { // losing the connection repeatedly keeps one name
		h.Exit(mustEnter(t, h, "Eve a", "eve", "2001:db8::2"))
	}
	if got := h.names.count[chat.Network(netip.MustParseAddr("2001:db8::2"))]; got != limit {
		t.Errorf("%d names of one network count as kept", got)
	}
	*now = now.Add(chat.KeepName)
	h.Exit(mustEnter(t, h, "Bob", "bob", "192.0.2.2"))
	if len(h.names.holders) != 1 || len(h.names.kept) != 1 || len(h.names.count) != 1 {
		t.Errorf("a minute later, %v, %v and %v remain", h.names.holders, h.names.kept, h.names.count)
	}
}
