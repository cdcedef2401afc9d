package chat

import (
	"errors"
	"strings"
	"testing"
)

func TestRoomsPeopleName(t *testing.T) {
	for slug, want := range map[string]string{
		"": Lobby, "lobby": "lobby", "Night-Watch": "night-watch", "a": "a", "_": "_", "42": "42",
		strings.Repeat("x", 64): strings.Repeat("x", 64),
	} {
		if got, err := ParseRoom(slug); err != nil || got != want {
			t.Errorf("%q is %q, %v", slug, got, err)
		}
	}
	for _, slug := range []string{" ", "a b", "ä", "a/b", "..", "a.b", "a\n", "a+b", "\u212a", strings.Repeat("x", 65)} {
		var invalid *Invalid
		if got, err := ParseRoom(slug); !errors.As(err, &invalid) || invalid.Field != "room" {
			t.Errorf("%q is accepted as %q or has no reason: %v", slug, got, err)
		}
	}
}

func TestRoomsHaveTitles(t *testing.T) {
	for slug, want := range map[string]string{"lobby": "Lobby", "night-watch": "Night watch", "off_the-clock": "Off the clock", "-": "-", "42": "42"} {
		if got := RoomTitle(slug); got != want {
			t.Errorf("%q is called %q", slug, got)
		}
	}
}
