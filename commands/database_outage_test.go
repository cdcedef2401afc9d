package commands_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// Postgres is stopped and killed while many members write. Meanwhile the server is not
// ready and acknowledges nothing. When Postgres is back, the chat recovers without help,
// and every acknowledged message is there once.
func TestPostgresMayBeGoneForAWhile(t *testing.T) {
	t.Parallel()
	postgres := chattest.StartPostgres(t)
	database := postgres.Database()
	program := chattest.StartProgram(t, "--database", database, "--rate", "0", "--byte-rate", "0")
	c := newTalkers(t, program.World(), chattest.LongOr(100, 20), chattest.Patient(time.Minute))
	for _, end := range []struct {
		how string
		do  func()
	}{{"stopped", postgres.Stops}, {"killed", postgres.Kill}} {
		var unready, ready, again time.Duration
		c.talkWhile(chattest.LongOr(4000, 400), func() {
			began := time.Now()
			end.do()
			unready = becomes(t, program.Address, false, began)
			before := c.acknowledged()
			if left := 20*time.Second - time.Since(began); chattest.Long() {
				<-time.After(left)
			}
			if after := c.acknowledged(); after != before {
				t.Errorf("%d were acknowledged that cannot have been stored", after-before)
			}
			postgres.Restart()
			began = time.Now()
			ready = becomes(t, program.Address, true, began)
			for c.acknowledged() == before && time.Since(began) < chattest.Patience {
			}
			again = time.Since(began)
		})
		c.settle()
		if chattest.Exceeds(max(ready, again), 5*time.Second) {
			t.Errorf("%s: it is ready after %v, and acknowledges after %v", end.how, ready, again)
		}
		chattest.Figure(t, "P21", "Postgres %s: unready after %.1f s; when it was back, ready after %.1f s and an acknowledgement after %.1f s", end.how, unready.Seconds(), ready.Seconds(), again.Seconds())
	}
	acknowledged, missing := c.check()
	if sessions := sessionsOf(t, database); sessions > 6 {
		t.Errorf("the server has %d sessions", sessions)
	}
	chattest.Figure(t, "P21", "%d acknowledged, %d of them missing, each shown once", acknowledged, missing)
}

// An administrator restores Postgres to a point in time while members are connected.
// Every client gets a reset, then has exactly what the server has, and continues from
// there.
func TestEverybodyStartsAfreshWhenPostgresWentBack(t *testing.T) {
	t.Parallel()
	postgres := chattest.StartPostgres(t)
	w := chattest.StartProgram(t, "--database", postgres.Database(), "--rate", "0", "--byte-rate", "0").World()
	ann := w.Join("Ann", "lobby", chattest.ComesBack(), chattest.ReadsEverything())
	bob := w.Join("Bob", "lobby", chattest.ComesBack(), chattest.ReadsEverything())
	say := func(messages int) (last int64) {
		for n := range messages {
			last, _ = ann.SaysUntilAcknowledged("lobby", uuid.NewString(), fmt.Sprint(n))
		}
		return last
	}
	say(5)
	postgres.Stops()
	copied := postgres.Copies()
	postgres.Restart()
	if last := say(5); !bob.Reaches("lobby", last) || last != 10 {
		t.Fatalf("the last one has seq %d", last)
	}
	postgres.Stops()
	postgres.PutsBack(copied)
	postgres.Restart()
	last := say(2)
	bob.Reaches("lobby", last)
	stored := w.Stored("lobby")
	if len(stored) != 7 || last != 7 {
		t.Errorf("%d are stored, the last has seq %d", len(stored), last)
	}
	for _, m := range []*chattest.Member{ann, bob} {
		has := m.Has("lobby")
		for i := range min(len(has), len(stored)) {
			if has[i].ID != stored[i].ID || has[i].Seq != stored[i].Seq {
				t.Errorf("%s has %d %s where %d %s is stored", m.Name, has[i].Seq, has[i].ID, stored[i].Seq, stored[i].ID)
			}
		}
		if len(has) != len(stored) || m.Resets() == 0 {
			t.Errorf("%s has %d of %d, and started afresh %d times", m.Name, len(has), len(stored), m.Resets())
		}
	}
}

// becomes waits until a server reports that it is ready, or not, and returns how long
// that took.
func becomes(t *testing.T, address string, ready bool, began time.Time) time.Duration {
	t.Helper()
	for isWell(address) != ready {
		if time.Since(began) > chattest.Patience {
			t.Errorf("it never becomes ready: %v", ready)
			break
		}
	}
	return time.Since(began)
}

// sessionsOf counts the server's database sessions.
func sessionsOf(t *testing.T, database string) (sessions int) {
	t.Helper()
	db, err := sql.Open("pgx", database)
	if err == nil {
		err = db.QueryRowContext(context.Background(),
			`SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'chatserver' AND datname = current_database()`).Scan(&sessions)
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return sessions
}
