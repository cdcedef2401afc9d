package store_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"chatserver/chattest"
	"chatserver/store"
)

// Both databases are queried with the same statements, so a migration of one has a
// counterpart with the same number in the other. The exception is remote presence, which
// SQLite does not need.
func TestBothDatabasesHaveOneSchema(t *testing.T) {
	folder, database := t.TempDir(), chattest.Database(t)
	openFolder(t, folder, store.Options{})
	openURL(t, database, store.Options{})
	const version, rest = `SELECT CAST(MAX(version_id) AS TEXT) FROM goose_db_version WHERE version_id <> 4`, ` ORDER BY 1`
	sqlite := ask(t, "sqlite", filepath.Join(folder, store.File), version,
		`SELECT t.name || '.' || c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'goose%' AND t.name NOT LIKE 'sqlite%' AND t.name <> 'kept_names'`+rest)
	postgres := ask(t, "pgx", database, version,
		`SELECT (table_name || '.' || column_name) COLLATE "C" FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'goose%' AND table_name NOT IN ('nodes', 'node_presences', 'names')`+rest)
	if sqlite != postgres || strings.Count(sqlite, "\n") < 16 {
		t.Errorf("SQLite has\n%s\nand Postgres has\n%s", sqlite, postgres)
	}
}

// ask returns the results of statements, one line per row.
func ask(t *testing.T, driver, database string, statements ...string) string {
	t.Helper()
	db, err := sql.Open(driver, database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var all strings.Builder
	for _, statement := range statements {
		rows, err := db.QueryContext(context.Background(), statement)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			all.WriteString(line + "\n")
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}
