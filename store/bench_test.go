package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"chatserver/chat"
	"chatserver/store"
)

// What a message costs in a batch of so many: the batch shares one commit.
func BenchmarkAppend(b *testing.B) {
	for _, test := range []struct{ size, rooms int }{{1, 1}, {16, 4}, {256, 4}, {256, 256}} {
		size := test.size
		b.Run(fmt.Sprintf("%d in %d rooms", size, test.rooms), func(b *testing.B) {
			db, err := store.OpenSQLite(context.Background(), b.TempDir(), store.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			b.ReportAllocs()
			for b.Loop() {
				drafts := make([]chat.Draft, size)
				for i := range drafts {
					drafts[i] = draft(fmt.Sprint("room-", i%test.rooms), strings.Repeat("x", 128))
				}
				if _, err := db.Append(context.Background(), drafts); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*size), "µs/message")
		})
	}
}
