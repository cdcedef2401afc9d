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

// makes creates a room from a network, and returns the error.
func makes(t *testing.T, db *store.DB, network, room string) error {
	t.Helper()
	d := draft(room, "first")
	if network != "" {
		d.Network = netip.MustParsePrefix(network)
	}
	outcomes, err := db.Commit(context.Background(), []chat.Change{d})
	if err != nil {
		t.Fatal(err)
	}
	return outcomes[0].Err
}

// A network can create only so many rooms a day, even within one batch, and never more
// than its share of all rooms. Other networks are not affected, and existing rooms accept
// messages from everyone.
func testNewRooms(t *testing.T, open opener) {
	const ann, bob = "192.0.2.1/32", "2001:db8:1::/48"
	db := open(t, store.Options{MaxRooms: 16, NewRooms: 2})
	var batch []chat.Change
	for i := range 3 {
		d := draft(fmt.Sprint("ann-", i), "first")
		d.Network = netip.MustParsePrefix(ann)
		batch = append(batch, d)
	}
	outcomes, err := db.Commit(context.Background(), batch)
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
			t.Errorf("%s creates %s: %v instead of %v", made.network, made.room, err, made.want)
		}
	}
	if page := newest(t, db, "ann-3", 9); page.Rev != 0 {
		t.Errorf("a room that was refused has %+v", page)
	}
}

// A network may have created a quarter of all rooms, whatever its daily limit. Without a
// daily limit, this share does not apply either.
func TestANetworkHasItsShareOfAllRooms(t *testing.T) {
	folder := t.TempDir()
	db := openFolder(t, folder, store.Options{MaxRooms: 12, NewRooms: 100})
	for i := range 4 {
		if err := makes(t, db, "192.0.2.1/32", fmt.Sprint("r", i)); errors.Is(err, chat.ErrTooManyNewRooms) != (i == 3) {
			t.Errorf("room %d: %v", i, err)
		}
	}
	if err := makes(t, db, "192.0.2.2/32", "theirs"); err != nil {
		t.Errorf("another network is refused: %v", err)
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
