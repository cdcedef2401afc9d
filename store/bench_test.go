package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/store"
)

// BenchmarkAppend measures the cost of a message by batch size: a batch shares one
// commit.
func BenchmarkAppend(b *testing.B) {
	for _, test := range []struct{ size, rooms int }{{1, 1}, {16, 4}, {256, 4}, {256, 256}} {
		b.Run(fmt.Sprintf("SQLite/%d in %d rooms", test.size, test.rooms), func(b *testing.B) {
			benchmarkAppend(b, "", test.size, test.rooms)
		})
		b.Run(fmt.Sprintf("Postgres/%d in %d rooms", test.size, test.rooms), func(b *testing.B) {
			benchmarkAppend(b, chattest.Database(b), test.size, test.rooms)
		})
	}
}

func benchmarkAppend(b *testing.B, database string, size, rooms int) {
	b.Helper()
	db, err := store.Open(context.Background(), database, b.TempDir(), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	b.ReportAllocs()
	for b.Loop() {
		drafts := make([]chat.Change, size)
		for i := range drafts {
			drafts[i] = draft(fmt.Sprint("room-", i%rooms), strings.Repeat("x", 128))
		}
		if _, err := db.Commit(context.Background(), drafts); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*size), "µs/message")
}
