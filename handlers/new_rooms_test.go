package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"chatserver/chattest"
	"chatserver/config"
)

// One address may create a limited number of rooms per day, under all its names and
// connections, and an IPv6 /48 is one address. It can still post in existing rooms; other
// addresses can create theirs, and this machine has no limit.
func TestOneAddressCreatesALimitedNumberOfRooms(t *testing.T) {
	w := chattest.NewWorld(t, chattest.With(func(c *config.Config) { c.NewRooms, c.TrustedProxies = 1, []string{"127.0.0.1"} }))
	for _, made := range []struct {
		name, from, room string
		refused          bool
	}{
		{"Ann", "203.0.113.7", "first", false},
		{"Bob", "203.0.113.7", "second", true},
		{"Bob", "203.0.113.7", "first", false},
		{"Cid", "203.0.113.8", "other", false},
		{"Dan", "2001:db8:1:2::3", "third", false},
		{"Eve", "2001:db8:1:ffff::1", "fourth", true},
		{"Fay", "2001:db8:2::1", "another", false},
		{"Gus", "", "fifth", false},
		{"Gus", "", "sixth", false},
	} {
		header := http.Header{}
		if made.from != "" {
			header.Set("X-Forwarded-For", made.from)
		}
		p, _, err := w.TryConnect(made.name, "room="+made.room, header)
		if err != nil {
			t.Fatal(err)
		}
		p.Hears(made.name + " connected to chat")
		p.Says("hello")
		if !made.refused {
			p.Hears(made.name + ": hello")
			p.Leaves()
		} else if code, reason, _ := p.IsClosed(); code != 1008 || !strings.Contains(reason, "too many new rooms were created from your address") {
			t.Errorf("%s from %q in %s is closed with %d %q", made.name, made.from, made.room, code, reason)
		}
	}
}
