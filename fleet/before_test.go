package fleet_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"

	"chatserver/chattest"
)

var update = flag.Bool("update", false, "rewrite the golden files: after a release, for the next one")

const (
	// hints is what a node of the previous version publishes, one hint a line, while
	// annTalks runs.
	hints = "testdata/hints.jsonl"
	// anyEpoch stands for the epoch, which differs between stores.
	anyEpoch = "EPOCH"
	// guestKey and messageID are Ann's guest key and the id of her message.
	guestKey, messageID = "0123456789abcdef0123456789abcdef", "7d444840-9dc0-11d1-b245-5ffdce74fad2"
)

// annTalks makes Ann join, type, send a message and leave.
func annTalks(node *chattest.World) {
	ann := node.Join("Ann", "lobby", chattest.WithKey(guestKey), chattest.Aged(25))
	ann.Asks("typing", "room", "lobby")
	ann.SaysUntilAcknowledged("lobby", messageID, "*hello* :wave:")
	ann.Goes()
}

// foreign returns another node's connection to NATS, and the store's epoch.
func foreign(t *testing.T, f *chattest.Fleet) (conn *nats.Conn, epoch string) {
	t.Helper()
	conn, err := nats.Connect(f.NATS.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn, f.Nodes[0].Join("Tom", "night-watch").HearsEvent("welcome").Epoch
}

// This version still publishes what the previous one published. It may add fields, which
// the previous version ignores.
func TestThePreviousVersionUnderstandsThisOne(t *testing.T) {
	t.Parallel()
	clock := chattest.Clock(func() time.Time { return time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC) })
	f := chattest.NewFleet(t, 1, clock)
	conn, epoch := foreign(t, f)
	heard, err := conn.SubscribeSync("chatserver.room.lobby")
	if err == nil {
		err = conn.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	annTalks(f.Nodes[0])
	var told [][]byte
	for len(told) == 0 || !bytes.Contains(told[len(told)-1], []byte(`"left":`)) {
		hint, err := heard.NextMsg(chattest.Patience)
		if err != nil {
			t.Fatalf("after %s: %v", told, err)
		}
		told = append(told, bytes.ReplaceAll(hint.Data, []byte(epoch), []byte(anyEpoch)))
	}
	if *update {
		if err := os.WriteFile(hints, append(bytes.Join(told, []byte("\n")), '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range before(t) {
		if !contains(told, want) {
			t.Errorf("no hint has\n%s\nbut these were published:\n%s", want, bytes.Join(told, []byte("\n")))
		}
	}
}

// before returns the hints of the previous version.
func before(t *testing.T) [][]byte {
	t.Helper()
	all, err := os.ReadFile(hints)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(bytes.TrimSpace(all), []byte("\n"))
}

// contains reports whether one of the hints includes another one.
func contains(told [][]byte, hint []byte) bool {
	for _, one := range told {
		var has, want any
		if errors.Join(json.Unmarshal(one, &has), json.Unmarshal(hint, &want)) == nil && has != nil && includes(has, want) {
			return true
		}
	}
	return false
}

// includes reports whether a value has all fields of another one. It skips the fields
// that depend on the renderer's version: a node that does not know the version renders
// again.
func includes(has, want any) bool {
	fields, isObject := want.(map[string]any)
	if !isObject {
		return has == want
	}
	there, _ := has.(map[string]any)
	for name, value := range fields {
		if !strings.HasPrefix(name, "html") && !includes(there[name], value) {
			return false
		}
	}
	return true
}

// Hints of the previous version carry no signature, so they only signal that something
// happened: a node reads from the store what is stored, and ignores everything else.
// Unknown hints of later versions do no harm.
func TestHintsOfOtherVersionsAreCheckedInTheStore(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 1)
	conn, epoch := foreign(t, f)
	bob := f.Nodes[0].Connect("Bob", "")
	bob.Hears("Bob connected to chat")
	cid := f.Nodes[0].Join("Cid", "lobby")
	bob.Hears("Cid connected to chat")
	say := func(hint string) {
		t.Helper()
		if err := conn.Publish("chatserver.room.lobby", []byte(strings.ReplaceAll(hint, anyEpoch, epoch))); err != nil {
			t.Fatal(err)
		}
	}
	cid.SaysUntilAcknowledged("lobby", uuid.NewString(), "hello")
	bob.Hears("Cid: hello")
	for _, hint := range before(t) {
		say(string(hint))
	}
	for _, hint := range []string{
		`{"epoch":"EPOCH","reacted":{"seq":1,"with":"wave"}}`, `{"epoch":"EPOCH"}`, `{}`, `null`, `7`, `[]`, "\x00", ``, `{"epoch":"EPOCH","said":7}`,
	} {
		say(hint)
	}
	rev := f.Nodes[0].ChangesBehindTheBack("lobby", 1, "hello, all") // as a node of the version before
	say(string(before(t)[2]))
	cid.Reaches("lobby", rev)
	if has := cid.Has("lobby"); len(has) != 1 || has[0].Text != "hello, all" {
		t.Errorf("Cid has %+v", has)
	}
	cid.SaysUntilAcknowledged("lobby", uuid.NewString(), "later")
	bob.Hears("Cid: later")
	for _, e := range cid.HeardSince() {
		if e.Event == "typing" || e.From == "Ann" {
			t.Errorf("Cid receives %+v", e)
		}
	}
}

// A later version migrates the database while people talk. Running nodes go on; an old
// one that starts now fails with an error that says it is too old.
func TestNodesGoOnWhenALaterVersionMigrates(t *testing.T) {
	t.Parallel()
	database, nats := chattest.Database(t), chattest.StartNATS(t)
	args := []string{"--database", database, "--nats", nats.URL(), "--rate", "0", "--byte-rate", "0"}
	node, other := chattest.StartProgram(t, args...).World(), chattest.StartProgram(t, args...).World()
	node.Beside(other)
	c := node.Company(t, "lobby", 4, 6, 0)
	var once sync.Once
	c.TalksUntil(func() bool {
		if c.Said() >= 100 {
			once.Do(func() { migratesOn(t, database) })
		}
		return c.Said() >= 400
	})
	later := other.Join("later", "night-watch")
	later.SaysUntilAcknowledged("night-watch", uuid.NewString(), "hello") // also in a new room
	c.Agrees()
	old, said := chattest.Command(append([]string{"--listen", "127.0.0.1:0", "--ops", "off"}, args...)...), bytes.Buffer{}
	old.Stderr = &said
	if err := old.Start(); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(chattest.Patience, func() { _ = old.Process.Kill() }).Stop() // in case it serves
	err := old.Wait()
	if err == nil || strings.Count(said.String(), "\n") != 1 || !strings.Contains(said.String(), "newer chatserver (schema 99999, this one knows ") {
		t.Errorf("a node that starts logs %q, %v", said.String(), err)
	}
}

// migratesOn makes an additive change to the schema, as a later version might.
func migratesOn(t *testing.T, database string) {
	t.Helper()
	db, err := sql.Open("pgx", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		`ALTER TABLE messages ADD COLUMN edited_at BIGINT`, `ALTER TABLE rooms ADD COLUMN topic TEXT NOT NULL DEFAULT ''`, `CREATE INDEX of_author ON messages (author_id)`,
		`CREATE TABLE reactions (room_id BIGINT, seq BIGINT, what TEXT)`, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)`,
	} {
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
}
