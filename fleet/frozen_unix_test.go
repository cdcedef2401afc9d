//go:build unix

package fleet_test

import (
	"context"
	"database/sql"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// A node is frozen in the middle of a transaction that holds the lobby. Members on other
// nodes can write there again within three seconds, and elsewhere nobody is refused.
// When the node thaws, its people continue, and everybody has every message once.
func TestAFrozenNodeHoldsUpItsRoomForSeconds(t *testing.T) {
	t.Parallel()
	database, nats := chattest.Database(t), chattest.StartNATS(t)
	var nodes [3]*chattest.Program
	for i := range nodes {
		nodes[i] = chattest.StartProgram(t, "--database", database, "--nats", nats.URL(), "--rate", "0", "--byte-rate", "0")
	}
	a, b, c := nodes[0].World(), nodes[1].World(), nodes[2].World()
	bob, dan, cleo := b.Join("Bob", "lobby"), c.Join("Dan", "lobby"), b.Join("Cleo", "den")
	lobby, frozen, others := []*chattest.Member{bob, dan}, []*talk{}, []*talk{newTalk(t, bob, "lobby"), newTalk(t, dan, "lobby"), newTalk(t, cleo, "den")}
	for _, name := range []string{"Ann", "Al", "Abe", "Ada"} {
		m := a.Join(name, "lobby", chattest.ComesBack(), chattest.Relaxed(), patient)
		k := newTalk(t, m, "lobby")
		k.pace = time.Millisecond // so that a transaction is open most of the time
		lobby, frozen = append(lobby, m), append(frozen, k)
	}
	over := make(chan struct{})
	var talking sync.WaitGroup
	for _, k := range append(others, frozen...) {
		talking.Go(func() { k.runs(isClosed(over)) })
	}
	for !freezes(t, nodes[0], database) && !t.Failed() {
		nodes[0].Signal(syscall.SIGCONT)
		lobby[2].SaysUntilAcknowledged("lobby", uuid.NewString(), "once more "+uuid.NewString())
	}
	for _, m := range lobby[:2] { // while it is frozen
		m.SaysUntilAcknowledged("lobby", uuid.NewString(), m.Name+" goes on")
	}
	if chattest.Long() {
		<-time.After(20 * time.Second)
	}
	nodes[0].Signal(syscall.SIGCONT)
	thawed := time.Now()
	close(over)
	talking.Wait()
	b.Agree(t, "lobby", lobby...)
	b.Agree(t, "den", cleo)
	took := time.Since(thawed)
	for _, k := range others {
		if chattest.Exceeds(k.longest, 3*time.Second) {
			t.Errorf("%s got an answer after %v", k.speaker.Name, k.longest)
		}
	}
	if held := max(others[0].longest, others[1].longest); held < time.Second {
		t.Errorf("nobody was held up for longer than %v", held)
	}
	if n := others[2].refused(); n > 0 {
		t.Errorf("in another room, %d messages were refused", n)
	}
	chattest.Figure(t, "fleet", "a node of three frozen while it holds a room: who speaks there on another one waits for %s and %s at most (refused %d and %d times), in another room for %s (0); everything once, %s after it thawed",
		inSeconds(others[0].longest), inSeconds(others[1].longest), others[0].refused(), others[1].refused(), inSeconds(others[2].longest), inSeconds(took))
}

// isClosed returns a condition: the channel is closed.
func isClosed(c <-chan struct{}) func() bool {
	return func() bool {
		select {
		case <-c:
			return true
		default:
			return false
		}
	}
}

// freezes stops a node, and reports whether other sessions wait for its locks. Waits of
// less than 700 ms do not count, since a busy machine causes them as well.
func freezes(t *testing.T, node *chattest.Program, database string) bool {
	t.Helper()
	db, err := sql.Open("pgx", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	node.Signal(syscall.SIGSTOP)
	for stopped := time.Now(); time.Since(stopped) < time.Second; {
		var waits bool
		err := db.QueryRowContext(context.Background(), `SELECT EXISTS (
			SELECT * FROM pg_stat_activity holds, pg_stat_activity waits
			WHERE holds.pid = ANY (pg_blocking_pids(waits.pid)) AND holds.datname = current_database()
				AND holds.state = 'idle in transaction' AND now() - holds.state_change > interval '700 ms')`).Scan(&waits)
		if err != nil {
			t.Fatal(err)
		}
		if waits {
			return true
		}
	}
	return false
}
