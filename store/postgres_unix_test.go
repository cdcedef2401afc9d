//go:build unix

package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/store"
)

// Postgres stops in the middle and says nothing any more, as when its machine or the
// network is gone: whoever waits for it is told so in time, and when it goes on so does
// the store, and what was sent again is there once.
func TestAPostgresThatSaysNothingIsGivenUpInTime(t *testing.T) {
	postgres := chattest.StartPostgres(t)
	db := openURL(t, postgres.Database(), store.Options{})
	say(t, db, draft("lobby", "before"))
	late := draft("lobby", "late")
	thaws := postgres.Freezes()
	began := time.Now()
	if _, err := db.Append(context.Background(), []chat.Draft{late}); err == nil || errors.Is(err, chat.ErrData) || isLocked(err, "lobby") {
		t.Errorf("it says %v", err)
	}
	if took := time.Since(began); chattest.Exceeds(took, 6*time.Second) {
		t.Errorf("it says so after %v", took)
	}
	thaws()
	becomesWell(t, db)
	say(t, db, late)
	if page := newest(t, db, "lobby", 9); texts(page.Messages) != "before late" {
		t.Errorf("there is %+v", page)
	}
}
