package store_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"chatserver/store"
)

// BenchmarkMigration measures the first start on a database of the previous schema, with the
// copy that it makes, as a multiple of VACUUM INTO for the same file. -benchtime=1x.
func BenchmarkMigration(b *testing.B) {
	const messages = 500_000
	var copying, migrating time.Duration
	for b.Loop() {
		b.StopTimer()
		folder := b.TempDir()
		if err := store.MakeOld(folder, 7); err != nil {
			b.Fatal(err)
		}
		db, err := sql.Open("sqlite", filepath.Join(folder, store.File))
		if err != nil {
			b.Fatal(err)
		}
		for _, statement := range []string{
			`PRAGMA synchronous = OFF`,
			`WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 500000)
				INSERT INTO messages (room_id, seq, rev, id, author_id, author_name, text, created_at, html, html_version)
				SELECT 1, i, i, lower(hex(randomblob(18))), 'author', 'Ann', hex(randomblob(40)), i, '<p>' || hex(randomblob(40)) || '</p>', 1 FROM n`,
			`UPDATE rooms SET rev = 500000`,
		} {
			if _, err := db.Exec(statement); err != nil {
				b.Fatal(err)
			}
		}
		began := time.Now()
		if _, err := db.Exec(`VACUUM INTO $1`, filepath.Join(folder, "copy")); err != nil {
			b.Fatal(err)
		}
		copying += time.Since(began)
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		began = time.Now()
		migrated, err := store.OpenSQLite(context.Background(), folder, store.Options{})
		if err != nil {
			b.Fatal(err)
		}
		migrating += time.Since(began)
		if err := migrated.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(migrating)/float64(copying), "×copy")
	b.ReportMetric(copying.Seconds()/float64(b.N), "s/copy")
	b.ReportMetric(messages, "messages")
}
