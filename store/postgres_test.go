package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/store"
)

// admin is an administrator's own connection, on which these statements were executed.
func admin(t *testing.T, database string, set ...string) *sql.Conn {
	t.Helper()
	db, err := sql.Open("pgx", database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // the session may have been ended
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	does(t, conn, set...)
	return conn
}

// afterwards executes an administrator's statements after the test. The databases that
// the test opens from now on are gone by then. All tests share the server.
func afterwards(t *testing.T, statements ...string) {
	t.Helper()
	other := chattest.Database(t)
	t.Cleanup(func() { does(t, admin(t, other), statements...) })
}

func does(t *testing.T, conn *sql.Conn, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := conn.ExecContext(context.Background(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// Two nodes write to the same rooms, each in its own order, and repeat each other's
// messages: every room has all its numbers, and every id once.
func TestTwoNodesLeaveNoGapAndNeverWaitForEachOther(t *testing.T) {
	const rooms, writers, times = 40, 4, 12
	database := chattest.Database(t)
	nodes := []*store.DB{openURL(t, database, store.Options{}), openURL(t, database, store.Options{})}
	var writing sync.WaitGroup
	for writer := range writers * len(nodes) {
		writing.Go(func() {
			for n := range times {
				batch := make([]chat.Change, rooms)
				for i := range batch {
					post := draft(fmt.Sprint("room-", i), "x")
					post.ID = fmt.Sprint(writer/2, "-", n) // each is sent on both nodes
					batch[i] = post
				}
				if writer%2 == 1 {
					slices.Reverse(batch)
				}
				if _, err := nodes[writer%2].Commit(context.Background(), batch); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	writing.Wait()
	for i := range rooms {
		page := newest(t, nodes[0], fmt.Sprint("room-", i), 1000)
		ids := map[string]bool{}
		for place, m := range page.Messages {
			ids[m.ID] = true
			if m.Seq != int64(place+1) || m.Rev != m.Seq {
				t.Fatalf("in room %d, place %d holds seq %d, rev %d", i, place+1, m.Seq, m.Rev)
			}
		}
		if want := writers * times; len(ids) != want || len(page.Messages) != want || page.Rev != int64(want) {
			t.Errorf("room %d has %d messages, %d ids and rev %d instead of %d", i, len(page.Messages), len(ids), page.Rev, want)
		}
	}
}

// Two nodes create the same rooms, and others, at once: each room is created once, and
// there are exactly as many as the limit allows.
func TestTwoNodesCreateTheSameRoomsAndNoneTooMany(t *testing.T) {
	const wanted, most = 30, 20
	database := chattest.Database(t)
	options := store.Options{MaxRooms: most}
	nodes := []*store.DB{openURL(t, database, options), openURL(t, database, options)}
	var making sync.WaitGroup
	for i := range wanted {
		for n, node := range nodes {
			making.Go(func() {
				first, second := fmt.Sprint("room-", i), fmt.Sprint("room-", (i+1)%wanted)
				if n == 1 {
					first, second = second, first
				}
				outcomes, err := node.Commit(context.Background(), []chat.Change{draft(first, "x"), draft(second, "x")})
				if err != nil {
					t.Error(err)
				}
				for _, outcome := range outcomes {
					if outcome.Err != nil && !errors.Is(outcome.Err, chat.ErrTooManyRooms) {
						t.Error(outcome.Err)
					}
				}
			})
		}
	}
	making.Wait()
	rooms, err := nodes[0].Rooms(context.Background(), "", "", wanted)
	if err != nil || len(rooms) != most {
		t.Errorf("there are %d rooms instead of %d, %v", len(rooms), most, err)
	}
	for _, room := range rooms {
		if page := newest(t, nodes[1], room.ID, 100); page.Rev == 0 || int64(len(page.Messages)) != page.Rev {
			t.Errorf("%s has %d messages and rev %d", room.ID, len(page.Messages), page.Rev)
		}
	}
}

func TestManyNodesStartAtOnceOnAnEmptyDatabase(t *testing.T) {
	const nodes = 8
	database := chattest.Database(t)
	var epochs [nodes]string
	var starting sync.WaitGroup
	for i := range nodes {
		starting.Go(func() {
			db, err := store.Open(context.Background(), database, "", store.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			epochs[i] = db.Epoch()
			if _, err := db.Commit(context.Background(), []chat.Change{draft("lobby", "here")}); err != nil {
				t.Error(err)
			}
		})
	}
	starting.Wait()
	for _, epoch := range epochs {
		if epoch == "" || epoch != epochs[0] {
			t.Errorf("the epochs are %q", epochs)
			break
		}
	}
	if page := newest(t, openURL(t, database, store.Options{}), "lobby", 100); page.Rev != nodes {
		t.Errorf("of %d nodes, %d stored a message", nodes, page.Rev)
	}
}

// A node freezes in the middle of a transaction and holds a room. The other rooms
// continue at once, that room after two seconds, when Postgres has ended the node's
// session.
func TestAFrozenNodeHoldsItsRoomForTwoSeconds(t *testing.T) {
	database := chattest.Database(t)
	db := openURL(t, database, store.Options{})
	say(t, db, draft("a", "1"), draft("b", "1"))
	frozen := admin(t, database, "SET idle_in_transaction_session_timeout = '"+db.Setting("idle_in_transaction_session_timeout", true)+"'",
		"BEGIN", "SELECT * FROM rooms WHERE slug = 'a' FOR UPDATE")
	began := time.Now()
	say(t, db, draft("b", "2"))
	var holding int
	err := admin(t, database).QueryRowContext(context.Background(),
		`SELECT COUNT(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()`).Scan(&holding)
	if took := time.Since(began); err != nil || holding == 0 && chattest.Exceeds(took, 2*time.Second) {
		t.Errorf("another room waited for %v, until the frozen one was ended, %v", took, err)
	}
	for isLocked(appendOne(db, "a"), "a") && time.Since(began) < chattest.Patience { // its lock and ours may take the same time
	}
	if took := time.Since(began); chattest.Exceeds(took, 3*time.Second) {
		t.Errorf("its room waited for %v", took)
	}
	if page := newest(t, db, "a", 9); page.Rev != 2 {
		t.Errorf("afterwards its room has %+v", page)
	}
	if err := frozen.PingContext(context.Background()); err == nil {
		t.Error("the frozen session goes on")
	}
}

// While a room stays locked, messages to it are refused in time. Other rooms are not
// affected.
func TestALockedRoomIsRefusedInTime(t *testing.T) {
	database := chattest.Database(t)
	db := openURL(t, database, store.Options{})
	say(t, db, draft("a", "1"), draft("b", "1"))
	holder := admin(t, database, "BEGIN", "SELECT * FROM rooms WHERE slug = 'a' FOR UPDATE")
	began := time.Now()
	if err := appendOne(db, "a"); !isLocked(err, "a") || errors.Is(err, chat.ErrData) {
		t.Errorf("for a locked room, the error is %v", err)
	}
	if took := time.Since(began); took < time.Second || chattest.Exceeds(took, 3*time.Second) {
		t.Errorf("the error comes after %v", took)
	}
	if _, err := db.Commit(context.Background(), []chat.Change{draft("b", "x"), draft("a", "x")}); !isLocked(err, "a") {
		t.Errorf("for a batch of both rooms, the error is %v", err)
	}
	say(t, db, draft("b", "2"), draft("new", "1"))
	does(t, holder, "ROLLBACK", "BEGIN", "SELECT * FROM meta FOR UPDATE") // as a node that creates a room
	if _, err := db.Commit(context.Background(), []chat.Change{draft("b", "x"), draft("newer", "x")}); !isLocked(err, "newer") {
		t.Errorf("for a room that cannot be created, the error is %v", err)
	}
	does(t, holder, "ROLLBACK", "BEGIN", "LOCK TABLE rooms IN ACCESS EXCLUSIVE MODE")
	if _, err := db.Commit(context.Background(), []chat.Change{draft("b", "x"), draft("a", "x")}); !isLocked(err, "b", "a") {
		t.Errorf("for a locked table, the error is %v", err)
	}
	does(t, holder, "ROLLBACK")
	say(t, db, draft("a", "2"), draft("newer", "1"))
}

// isLocked reports whether an error names exactly these rooms as locked.
func isLocked(err error, rooms ...string) bool {
	var locked *chat.LockTimeout
	return errors.As(err, &locked) && slices.Equal(locked.Rooms, rooms)
}

func appendOne(db *store.DB, room string) error {
	_, err := db.Commit(context.Background(), []chat.Change{draft(room, "x")})
	return err
}

// Settings of an operator or an administrator cannot cause acknowledgements of messages
// that are not on disk.
func TestEverySessionIsSetWhateverTheURLSays(t *testing.T) {
	database := chattest.Database(t)
	does(t, admin(t, database), "ALTER DATABASE "+database[strings.LastIndex(database, "/")+1:]+" SET synchronous_commit = off")
	db := openURL(t, database+"?synchronous_commit=off&lock_timeout=0&options=-c%20statement_timeout%3D0%20-c%20default_transaction_isolation%3Dserializable", store.Options{})
	for _, writing := range []bool{true, false} {
		for name, want := range map[string]string{
			"synchronous_commit": "on", "idle_in_transaction_session_timeout": "2s", "lock_timeout": "2s", "statement_timeout": "5s",
			"transaction_isolation": "read committed", "client_encoding": "UTF8", "application_name": "chatserver", "tcp_user_timeout": "10000",
		} {
			if got := db.Setting(name, writing); got != want {
				t.Errorf("%s is %q instead of %q", name, got, want)
			}
		}
	}
}

// An error in the data, which will never succeed, is distinguished from a temporary one.
func TestPostgresTellsAnErrorOfTheData(t *testing.T) {
	db := openURL(t, chattest.Database(t), store.Options{})
	say(t, db, draft("lobby", "before"))
	for _, text := range []string{"a\x00b", "\xff"} {
		if _, err := db.Commit(context.Background(), []chat.Change{draft("lobby", text)}); !errors.Is(err, chat.ErrData) || isLocked(err, "lobby") {
			t.Errorf("for %q, the error is %v", text, err)
		}
	}
	db.BreakSeq("lobby")
	if err := appendOne(db, "lobby"); !errors.Is(err, chat.ErrData) {
		t.Errorf("for a seq that is in use, the error is %v", err)
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if _, err := db.Commit(stopped, []chat.Change{draft("lobby", "x")}); err == nil || errors.Is(err, chat.ErrData) || isLocked(err, "lobby") {
		t.Errorf("for a shutdown, the error is %v", err)
	}
}

// Many readers leave a connection for writers.
func TestReadersDoNotBlockWriters(t *testing.T) {
	database := chattest.Database(t)
	db := openURL(t, database, store.Options{})
	say(t, db, draft("lobby", "x"))
	holder := admin(t, database, "BEGIN", "LOCK TABLE messages IN ACCESS EXCLUSIVE MODE") // readers wait
	watch := admin(t, database)
	for began := time.Now(); !checksBesideReaders(t, db, watch); {
		if time.Since(began) > chattest.Patience {
			t.Fatal("a writer gets a connection only when readers give up")
		}
	}
	does(t, holder, "ROLLBACK")
}

// checksBesideReaders reports whether a writer got a connection while all readers waited: on
// a slow machine, those that waited may have given up by then.
func checksBesideReaders(t *testing.T, db *store.DB, watch *sql.Conn) bool {
	t.Helper()
	var reading sync.WaitGroup
	defer reading.Wait()
	for range 20 {
		reading.Go(func() {
			if _, err := db.Before(context.Background(), "lobby", chat.Newest, chat.PageLimit); err != nil && !errors.Is(err, context.DeadlineExceeded) {
				var timedOut interface{ SQLState() string }
				if !errors.As(err, &timedOut) || timedOut.SQLState() != "55P03" {
					t.Error(err)
				}
			}
		})
	}
	waits(t, watch, 2)
	before := waiting(t, watch)
	if err := db.Check(context.Background()); err != nil {
		t.Fatalf("while all others wait: %v", err)
	}
	return before != "" && strings.Contains(waiting(t, watch), before)
}

// waiting returns the statements of the database that wait for a lock.
func waiting(t *testing.T, conn *sql.Conn) (statements string) {
	t.Helper()
	err := conn.QueryRowContext(context.Background(), `SELECT COALESCE(string_agg(pid || ' ' || query_start, ' ' ORDER BY query_start, pid), '')
		FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`).Scan(&statements)
	if err != nil {
		t.Fatal(err)
	}
	return statements
}

// waits returns when this many sessions of the database wait for a lock.
func waits(t *testing.T, conn *sql.Conn, sessions int) {
	t.Helper()
	for began, waiting := time.Now(), 0; waiting < sessions; {
		err := conn.QueryRowContext(context.Background(),
			`SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`).Scan(&waiting)
		if err != nil || time.Since(began) > chattest.Patience {
			t.Fatalf("%d wait, %v", waiting, err)
		}
	}
}
