package live

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"chatserver/chat"
)

func TestANameThatLooksLikeAMembersIsRefused(t *testing.T) {
	for _, alike := range [][2]string{
		{"Ann", "\u0410nn"},
		{"Ann", "\u0391nn"},
		{"Ann", "ANN"},
		{"paypal", "p\u0430yp\u0430l"},
		{"modern", "modem"},
		{"Bob", "B0b"},
		{"Al", "A1"},
		{"Al", "AI"},
		{"Ian", "lan"},
		{"Ian", "1an"},
		{"\u041e\u043b\u044f", "O\u043b\u044f"},
	} {
		for _, key := range []string{"", "another key"} {
			if alike == [2]string{"Ann", "ANN"} && key == "" {
				continue // users without a key share the same name
			}
			h := testHub(t, [chat.Kinds]chat.Frames{}, false, chat.Options{})
			here := &chat.Connection{Actor: chat.GuestAt(guest(t, alike[0], ""), netip.Addr{})}
			if err := h.Enter(here); err != nil {
				t.Fatal(err)
			}
			err := h.MayEnter(chat.GuestAt(guest(t, alike[1], key), netip.Addr{}))
			if !errors.Is(err, chat.ErrNameTaken) {
				t.Errorf("%q with the key %q, while %q is present: %v", alike[1], key, alike[0], err)
			} else if like := (&chat.NameTooSimilar{}); alike[1] != "ANN" && (!errors.As(err, &like) || !strings.Contains(err.Error(), alike[0])) {
				t.Errorf("%q gets, while %q is present: %v", alike[1], alike[0], err)
			}
			h.Exit(here)
			if err := h.MayEnter(chat.GuestAt(guest(t, alike[1], key), netip.Addr{})); err != nil {
				t.Errorf("%q after %q has left: %v", alike[1], alike[0], err)
			}
		}
	}
}
