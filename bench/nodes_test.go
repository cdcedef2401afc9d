package main

import (
	"context"
	"testing"

	"chatserver/chattest"
)

func TestAFleetIsMeasured(t *testing.T) {
	database := chattest.StartPostgres(t).Database()
	got := figures(t, "nodes", "--postgres", database, "--senders", "6", "--in-rooms", "3", "--rate", "60", "--for", "100ms", "--server", program(t))
	for _, kind := range []string{"1 node on Postgres", "1 node on SQLite", "3 nodes on Postgres"} {
		if got["messages/s"][kind] <= 0 || got["heard by others, p50 ms"][kind] <= 0 || got["acknowledged, p99 ms"][kind] < got["acknowledged, p50 ms"][kind] {
			t.Errorf("%s: %v", kind, got)
		}
	}
	in, out := got["bytes into NATS/message"]["3 nodes on Postgres"], got["bytes out of NATS/message"]["3 nodes on Postgres"]
	if in <= textBytes || in > 1000 || out != in {
		t.Errorf("each message must go to one node: %v bytes of it go into NATS and %v out", in, out)
	}
	if ratio := got["messages/s, × the first"]; ratio["3 nodes on Postgres"] <= 0 || ratio["1 node on Postgres"] != 0 {
		t.Errorf("the others must be compared with the first: %v", ratio)
	}
}

// A hint may get lost between the nodes of a fleet; then the server finds the message in
// the store.
func TestBackfilledMessagesArriveInOrder(t *testing.T) {
	world := chattest.NewWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), chattest.Patience)
	defer cancel()
	ann, err := enter(ctx, world.Address(), "Ann", "")
	if err != nil {
		t.Fatal(err)
	}
	defer ann.cut()
	if _, err := ann.join("lobby"); err != nil {
		t.Fatal(err)
	}
	var at order
	says := func(messages int) {
		t.Helper()
		if _, err := ann.sendTo("lobby"); err != nil {
			t.Fatal(err)
		}
		for range messages {
			m, err := ann.hear()
			if err == nil {
				err = at.check(m.rev)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	says(1)
	world.ChangesBehindTheBack("lobby", 1, "something else")
	says(2)
}
