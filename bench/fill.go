package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"chatserver/chat"
	"chatserver/store"
)

// fill writes full rooms directly into a store in a directory of its own, and returns
// the store's epoch.
func fill(ctx context.Context, folder string, rooms, messages int) (epoch string, err error) {
	lock, err := store.LockFolder(folder)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	db, err := store.OpenSQLite(ctx, folder, store.Options{})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for room := range rooms {
		for first := 0; first < messages; first += fillBatch {
			if _, err := db.Commit(ctx, drafts(room, first, min(first+fillBatch, messages))); err != nil {
				return "", err
			}
		}
	}
	return db.Epoch(), nil
}

// fillBatch is the number of messages in one of fill's transactions.
const fillBatch = 1000

func drafts(room, first, end int) []chat.Change {
	var drafts []chat.Change
	for i := first; i < end; i++ {
		drafts = append(drafts, chat.Post{
			Room: filledRoom(room), ID: filledID(room, int64(i+1)), From: "scribe", Text: text, At: time.Now().UTC(),
		})
	}
	return drafts
}

// filledRoom returns the slug of a filled room, and filledID the id of its message with
// a seq.
func filledRoom(room int) string { return fmt.Sprint("filled-", room) }

func filledID(room int, seq int64) string {
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", room, seq)
}
