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

// Postgres freezes in the middle of a transaction, as when its machine or the network
// fails. Waiting writers get an error in time. When Postgres continues, so does the
// store, and messages that were sent again are stored once.
func TestAnUnresponsivePostgresTimesOut(t *testing.T) {
	postgres := chattest.StartPostgres(t)
	db := openURL(t, postgres.Database(), store.Options{})
	say(t, db, draft("lobby", "before"))
	late := draft("lobby", "late")
	thaws := postgres.Freezes()
	began := time.Now()
	if _, err := db.Commit(context.Background(), []chat.Change{late}); err == nil || errors.Is(err, chat.ErrData) || isLocked(err, "lobby") {
		t.Errorf("the error is %v", err)
	}
	if took := time.Since(began); chattest.Exceeds(took, 6*time.Second) {
		t.Errorf("the error comes after %v", took)
	}
	thaws()
	becomesWell(t, db)
	say(t, db, late)
	if page := newest(t, db, "lobby", 9); texts(page.Messages) != "before late" {
		t.Errorf("there is %+v", page)
	}
}
