package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"

	"chatserver/chat"
	"chatserver/store"
)

// makes reports why a network may not make a room, or nil when it did.
func makes(t *testing.T, db *store.DB, network, room string) error {
	t.Helper()
	d := draft(room, "first")
	if network != "" {
		d.Network = netip.MustParsePrefix(network)
	}
	outcomes, err := db.Append(context.Background(), []chat.Draft{d})
	if err != nil {
		t.Fatal(err)
	}
	return outcomes[0].Err
}

// One network makes so many rooms a day, also within one batch, and never more than its
// share of all; others are not concerned, and in a room that exists everybody speaks.
func testNewRooms(t *testing.T, open opener) {
	const ann, bob = "192.0.2.1/32", "2001:db8:1::/48"
	db := open(t, store.Options{MaxRooms: 16, NewRooms: 2})
	var batch []chat.Draft
	for i := range 3 {
		d := draft(fmt.Sprint("ann-", i), "first")
		d.Network = netip.MustParsePrefix(ann)
		batch = append(batch, d)
	}
	outcomes, err := db.Append(context.Background(), batch)
	if err != nil {
		t.Fatal(err)
	}
	for i, outcome := range outcomes {
		if refused := errors.Is(outcome.Err, chat.ErrTooManyNewRooms); refused != (i == 2) || !refused && outcome.Err != nil {
			t.Errorf("room %d of one batch: %v", i, outcome.Err)
		}
	}
	for _, made := range []struct {
		network, room string
		want          error
	}{
		{ann, "ann-3", chat.ErrTooManyNewRooms},
		{ann, "ann-0", nil}, // it exists
		{bob, "bob-0", nil},
		{ann, "bob-0", nil},
		{"", "operator", nil},
		{"", "operator-2", nil},
		{"", "operator-3", nil},
	} {
		if err := makes(t, db, made.network, made.room); !errors.Is(err, made.want) {
			t.Errorf("%s makes %s: %v instead of %v", made.network, made.room, err, made.want)
		}
	}
	if page := newest(t, db, "ann-3", 9); page.Rev != 0 {
		t.Errorf("a room that was refused has %+v", page)
	}
}

// What a network may have made altogether is a quarter, whatever it may make a day; and
// without a limit of a day there is none of these.
func TestANetworkHasItsShareOfAllRooms(t *testing.T) {
	folder := t.TempDir()
	db := openFolder(t, folder, store.Options{MaxRooms: 12, NewRooms: 100})
	for i := range 4 {
		if err := makes(t, db, "192.0.2.1/32", fmt.Sprint("r", i)); errors.Is(err, chat.ErrTooManyNewRooms) != (i == 3) {
			t.Errorf("room %d: %v", i, err)
		}
	}
	if err := makes(t, db, "192.0.2.2/32", "theirs"); err != nil {
		t.Errorf("somebody else is refused: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openFolder(t, folder, store.Options{MaxRooms: 12, NewRooms: 100})
	if err := makes(t, db, "192.0.2.1/32", "after-a-restart"); !errors.Is(err, chat.ErrTooManyNewRooms) {
		t.Errorf("after a restart: %v", err)
	}
	unlimited := openFolder(t, t.TempDir(), store.Options{MaxRooms: 4})
	for i := range 5 {
		if err := makes(t, unlimited, "192.0.2.1/32", fmt.Sprint("r", i)); errors.Is(err, chat.ErrTooManyRooms) != (i == 4) {
			t.Errorf("without a limit, room %d: %v", i, err)
		}
	}
}
