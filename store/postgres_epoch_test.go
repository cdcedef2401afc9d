package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chatserver/chattest"
	"chatserver/store"
)

func TestAnEpochIsOfOnePostgresDatabase(t *testing.T) {
	database, other := chattest.Database(t), chattest.Database(t)
	epoch := openURL(t, database, store.Options{}).Epoch()
	if again := openURL(t, database, store.Options{}).Epoch(); again != epoch || epoch == "" {
		t.Errorf("two nodes of one database have the epochs %q and %q", epoch, again)
	}
	if theirs := openURL(t, other, store.Options{}).Epoch(); theirs == epoch {
		t.Errorf("two databases have the epoch %q", epoch)
	}
}

// An administrator restores Postgres to a point in time while the server runs. The server
// notices without a restart, before it serves any of the restored data.
func TestARunningServerNoticesThatPostgresWentBack(t *testing.T) {
	postgres := chattest.StartPostgres(t)
	db := openURL(t, postgres.Database(), store.Options{})
	say(t, db, draft("lobby", "kept"))
	epoch := db.Epoch()
	postgres.Stops()
	copied := postgres.Copies()
	postgres.Restart()
	becomesWell(t, db)
	say(t, db, draft("lobby", "lost"))
	if again := db.Epoch(); again != epoch {
		t.Errorf("after a restart the epoch is %q and was %q", again, epoch)
	}
	postgres.Stops()
	postgres.PutsBack(copied)
	postgres.Restart()
	becomesWell(t, db)
	if page := newest(t, db, "lobby", 9); texts(page.Messages) != "kept" {
		t.Fatalf("there is %+v", page)
	}
	if again := db.Epoch(); again == epoch || again == "" {
		t.Errorf("the store went back in time, but its epoch is still %q", again)
	}
}

// becomesWell returns when both pools have discarded their dead connections.
func becomesWell(t *testing.T, db *store.DB) {
	t.Helper()
	for began := time.Now(); ; {
		_, err := db.Rooms(context.Background(), "", "", 1)
		if err = errors.Join(err, db.Check(context.Background())); err == nil {
			return
		}
		if time.Since(began) > chattest.Patience {
			t.Fatal(err)
		}
	}
}

// A dump that is restored as docs/postgres.md says contains the old epoch row, but its
// tables are new.
func TestARestoredDumpHasAnotherEpoch(t *testing.T) {
	database, file := chattest.Database(t), filepath.Join(t.TempDir(), "chat.dump")
	before, err := store.Open(context.Background(), database, "", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	say(t, before, draft("lobby", "kept"))
	chattest.RunsPostgres(t, "pg_dump", "--format=custom", "--file="+file, database)
	say(t, before, draft("lobby", "lost"))
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	chattest.RunsPostgres(t, "pg_restore", "--clean", "--if-exists", "--no-owner", "--dbname="+database, file)
	after := openURL(t, database, store.Options{})
	if page := newest(t, after, "lobby", 9); texts(page.Messages) != "kept" || after.Epoch() == before.Epoch() {
		t.Errorf("there is %+v, and the epoch was %s and is %s", page, before.Epoch(), after.Epoch())
	}
	if said := say(t, after, draft("lobby", "next"), draft("new", "first")); said[0].Seq != 2 {
		t.Errorf("what is said next is %+v", said)
	}
}

// A role that may not read the server's identity still gets an epoch.
func TestARoleThatMayNotAskWhoTheServerIsHasAnEpoch(t *testing.T) {
	afterwards(t, "DROP ROLE ann")
	database := chattest.Database(t)
	does(t, admin(t, database), "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC",
		"CREATE ROLE ann LOGIN", "GRANT ALL ON SCHEMA public TO ann")
	theirs := strings.Replace(database, "admin@", "ann@", 1)
	epoch := openURL(t, theirs, store.Options{}).Epoch()
	if again := openURL(t, theirs, store.Options{}).Epoch(); again != epoch || epoch == "" {
		t.Errorf("the epoch was %q and is %q", epoch, again)
	}
	if _, err := store.Open(context.Background(), strings.Replace(database, "admin@", "bob@", 1), "", store.Options{}); err == nil {
		t.Error("a connection without credentials is accepted")
	}
}

// After a new version has migrated the database, running nodes of the previous version
// continue; one that starts later fails with a message that names the newer version.
func TestANodeOfTheVersionBeforeRunsOn(t *testing.T) {
	database := chattest.Database(t)
	before := openURL(t, database, store.Options{})
	say(t, before, draft("lobby", "before"))
	does(t, admin(t, database), "ALTER TABLE messages ADD COLUMN edited_at BIGINT", "ALTER TABLE rooms ADD COLUMN topic TEXT NOT NULL DEFAULT ''",
		"INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)")
	say(t, before, draft("lobby", "after"), draft("new", "after"))
	if page := newest(t, before, "lobby", 9); texts(page.Messages) != "before after" {
		t.Errorf("it reads %+v", page)
	}
	db, err := store.Open(context.Background(), database, "", store.Options{})
	if err == nil {
		_ = db.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "newer chatserver") || strings.Contains(err.Error(), "\n") {
		t.Errorf("an older node that starts fails with %v", err)
	}
}

// A database that cannot store all of Unicode is refused.
func TestADatabaseWithoutUnicodeIsRefused(t *testing.T) {
	afterwards(t, "DROP DATABASE latin WITH (FORCE)")
	database := chattest.Database(t)
	does(t, admin(t, database), "CREATE DATABASE latin TEMPLATE template0 ENCODING latin1 LOCALE 'C' LOCALE_PROVIDER libc")
	latin := database[:strings.LastIndex(database, "/")+1] + "latin"
	if _, err := store.Open(context.Background(), latin, "", store.Options{}); err == nil || !strings.Contains(err.Error(), "UTF8") {
		t.Errorf("the error is %v", err)
	}
	if _, err := store.Open(context.Background(), "mysql://ann:hunter2@db/chat", "", store.Options{}); err == nil || !strings.Contains(err.Error(), "postgres://") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("for an unknown kind of database, the error is %v", err)
	}
}
