package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"

	"chatserver/broker"
	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/config"
	"chatserver/store"
)

func TestMain(m *testing.M) { chattest.Main(m) }

// metricOf returns the value of a series of a server, or an empty string.
func metricOf(t *testing.T, world *chattest.World, series string) string {
	t.Helper()
	return metric(get(t, "http://"+world.Ops()+"/metrics"), series)
}

// becomes waits until a series of a server has a value.
func becomes(t *testing.T, world *chattest.World, series, want string) {
	t.Helper()
	eventually(t, series+" "+want, func() string { return metricOf(t, world, series) }, want)
}

// Ann's message is counted as published on her node, and on Bob's as received, with its
// age.
func TestNodesCountTheirHints(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 2)
	ann, bob := f.Nodes[0].Join("Ann", "lobby"), f.Nodes[1].Join("Bob", "lobby")
	ann.SaysUntilAcknowledged("lobby", uuid.NewString(), "hello")
	if !bob.Reaches("lobby", 1) {
		t.Fatal("Bob does not receive it")
	}
	here, there := f.Nodes[0], f.Nodes[1]
	becomes(t, there, "chatserver_hint_age_seconds_count", "1")
	becomes(t, here, "chatserver_hint_age_seconds_count", "0")
	becomes(t, here, "chatserver_nats_connected", "1")
	if told, heard := metricOf(t, here, "chatserver_hints_published_total"), metricOf(t, there, "chatserver_hints_received_total"); told == "0" || heard == "0" {
		t.Errorf("%s were published and %s received", told, heard)
	}
	if age, err := strconv.ParseFloat(metricOf(t, there, "chatserver_hint_age_seconds_sum"), 64); err != nil || age <= 0 || age > chattest.Patience.Seconds() {
		t.Errorf("its age is %v s, %v", age, err)
	}
	for _, pool := range []string{"read", "write", "register", "names"} {
		if open := metricOf(t, here, fmt.Sprintf("chatserver_postgres_connections{pool=%q}", pool)); open == "" || open == "0" {
			t.Errorf("%q connections to %s are open", open, pool)
		}
		becomes(t, here, fmt.Sprintf("chatserver_postgres_connections_in_use{pool=%q}", pool), "0")
	}
}

// A message from a node whose clock is ahead of ours has the age 0.
func TestAMessageFromTheFutureHasNoAge(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 2, chattest.Clock(func() time.Time { return time.Now().Add(time.Hour) }))
	ann, bob := f.Nodes[0].Join("Ann", "lobby"), f.Nodes[1].Join("Bob", "lobby")
	ann.SaysUntilAcknowledged("lobby", uuid.NewString(), "hello from the future")
	if !bob.Reaches("lobby", 1) {
		t.Fatal("Bob does not receive it")
	}
	becomes(t, f.Nodes[1], "chatserver_hint_age_seconds_count", "1")
	becomes(t, f.Nodes[1], "chatserver_hint_age_seconds_sum", "0")
}

// When NATS stops, nodes report it, count what they could not publish, and find it by
// comparison; when it is back, they report that.
func TestNodesReportThatNATSIsDown(t *testing.T) {
	t.Parallel()
	f := chattest.NewFleet(t, 2)
	ann, bob := f.Nodes[0].Join("Ann", "lobby"), f.Nodes[1].Join("Bob", "lobby")
	ready := func(world *chattest.World) func() string {
		return func() string {
			answer := get(t, "http://"+world.Ops()+"/readyz?verbose")
			return answer[strings.LastIndex(answer, "[")+1:][:1]
		}
	}
	eventually(t, "NATS", ready(f.Nodes[0]), "+")
	f.NATS.Kill()
	for _, node := range f.Nodes {
		becomes(t, node, "chatserver_nats_connected", "0")
		eventually(t, "no NATS", ready(node), "!")
		if answer := get(t, "http://"+node.Ops()+"/readyz"); answer != "ok\n" {
			t.Errorf("without NATS, a node reports %q", answer)
		}
	}
	ann.SaysUntilAcknowledged("lobby", uuid.NewString(), "is NATS there?")
	if !bob.Reaches("lobby", 1) {
		t.Fatal("Bob does not receive it")
	}
	becomes(t, f.Nodes[1], `chatserver_rooms_filled_total{reason="comparison"}`, "1")
	becomes(t, f.Nodes[0], `chatserver_rooms_filled_total{reason="comparison"}`, "0")
	if missed := metricOf(t, f.Nodes[0], `chatserver_hints_dropped_total{reason="not_published"}`); missed == "0" {
		t.Error("no hint is counted as not published")
	}
	f.NATS.Start()
	for _, node := range f.Nodes {
		becomes(t, node, "chatserver_nats_connected", "1")
		eventually(t, "NATS again", ready(node), "+")
	}
}

// A hint with another epoch, from a later version, or malformed is dropped and counted by
// reason.
func TestDroppedHintsAreCounted(t *testing.T) {
	t.Parallel()
	database := chattest.Database(t)
	f := chattest.NewFleetOn(t, database, 1)
	f.Nodes[0].Join("Ann", "lobby").Pings() // the room has a member
	stranger, err := nats.Connect(f.NATS.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	for _, text := range []string{`{"epoch":"another","typing":"Bob"}`, `no hint`, `{"typing":"Bob","mac":"` + strings.Repeat("A", 43) + `"}`} {
		if err := stranger.Publish("chatserver.room.lobby", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	becomes(t, f.Nodes[0], "chatserver_hints_received_total", "3")
	becomes(t, f.Nodes[0], `chatserver_hints_dropped_total{reason="unsigned"}`, "2")
	becomes(t, f.Nodes[0], `chatserver_hints_dropped_total{reason="forged"}`, "1")
	becomes(t, f.Nodes[0], `chatserver_hints_dropped_total{reason="epoch"}`, "0")
	node := anotherNode(t, database, f.NATS.URL())
	node.Publish(chat.Hint{Room: "lobby", Epoch: "another", Event: chat.Typing{Room: "lobby", From: "Bob"}})
	becomes(t, f.Nodes[0], `chatserver_hints_dropped_total{reason="epoch"}`, "1")
}

// anotherNode publishes hints that are signed with the key from a database.
func anotherNode(t *testing.T, database, nats string) *broker.NATS {
	t.Helper()
	db, err := store.Open(t.Context(), database, "", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	key, err := db.Secret(t.Context(), store.SecretHints)
	if err != nil {
		t.Fatal(err)
	}
	node, err := broker.Open(broker.Options{URL: nats, Log: slog.New(slog.DiscardHandler), Key: key, Node: "another", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(node.Close)
	for began := time.Now(); !node.Stats().DisconnectedSince.IsZero(); { // until it is connected
		if time.Since(began) > chattest.Patience {
			t.Fatal("it does not connect to NATS")
		}
	}
	return node
}

// A hint that is lost on the way to Bob's node shows as a gap at the next one. The room
// is backfilled, and the reason is counted.
func TestABackfilledGapIsCounted(t *testing.T) {
	t.Parallel()
	database := chattest.Database(t)
	through := chattest.StartNATS(t)
	quiet := chattest.NewWorld(t, chattest.OnPostgres(database))
	loud := func() *chattest.World {
		return chattest.NewWorld(t, chattest.OnPostgres(database), chattest.With(func(c *config.Config) { c.NATS = []string{through.URL()} }))
	}
	here, there := loud(), loud()
	cid, ann, bob := quiet.Join("Cid", "lobby"), here.Join("Ann", "lobby"), there.Join("Bob", "lobby")
	const gaps = `chatserver_rooms_filled_total{reason="gap"}`
	for said, end := int64(0), time.Now().Add(chattest.Patience); metricOf(t, there, gaps) == "0"; { // the comparison may come between
		cid.SaysUntilAcknowledged("lobby", uuid.NewString(), "nobody is told of this")
		ann.SaysUntilAcknowledged("lobby", uuid.NewString(), "and of this everybody")
		said += 2
		if !bob.Reaches("lobby", said) || time.Now().After(end) {
			t.Fatalf("none of %d messages arrived early", said)
		}
	}
	if nats := metricOf(t, quiet, "chatserver_nats_connected"); nats != "" {
		t.Errorf("a node without NATS reports %q", nats)
	}
	if answer := get(t, "http://"+quiet.Ops()+"/readyz?verbose"); strings.Contains(answer, "nats") {
		t.Errorf("it reports %q", answer)
	}
}

// absentMinded is a store that once stores a batch and returns an error.
type absentMinded struct {
	chat.Store
	once atomic.Bool
}

func (s *absentMinded) Commit(ctx context.Context, changes []chat.Change) ([]chat.Outcome, error) {
	outcomes, err := s.Store.Commit(ctx, changes)
	if s.once.Swap(false) {
		err = errors.New("the answer is lost")
	}
	return outcomes, err
}

// A batch that was stored although its result was lost is delivered by a backfill, which
// is counted. A single server has no metrics about other nodes.
func TestABackfillAfterAnUnknownCommitIsCounted(t *testing.T) {
	t.Parallel()
	disk := &absentMinded{}
	world := chattest.NewWorld(t, chattest.Store(func(real chat.Store) chat.Store { disk.Store = real; return disk }))
	ann, bob := world.Join("Ann", "lobby"), world.Join("Bob", "lobby")
	ann.SaysUntilAcknowledged("lobby", uuid.NewString(), "hello")
	disk.once.Store(true)
	ann.Sends("lobby", uuid.NewString(), "was that heard?")
	if !bob.Reaches("lobby", 2) {
		t.Fatal("Bob does not receive it")
	}
	becomes(t, world, `chatserver_rooms_filled_total{reason="commit"}`, "1")
	for _, of := range []string{"hint", "nats", "postgres", "comparisons", "register"} {
		if all := get(t, "http://"+world.Ops()+"/metrics"); strings.Contains(all, "chatserver_"+of) {
			t.Errorf("a single server has %s", of)
		}
	}
}

// While Postgres is down, comparisons and presence syncs fail, and both are counted.
func TestFailuresWithoutPostgresAreCounted(t *testing.T) {
	t.Parallel()
	postgres := chattest.StartPostgres(t)
	world := chattest.NewWorld(t, chattest.OnPostgres(postgres.Database()))
	world.Join("Ann", "lobby").Pings() // the room has a member
	failures := []string{"chatserver_comparisons_failed_total", "chatserver_register_failed_total"}
	for _, failed := range failures {
		becomes(t, world, failed, "0")
	}
	postgres.Kill()
	for _, failed := range failures {
		eventually(t, failed, func() string { return strconv.FormatBool(metricOf(t, world, failed) != "0") }, "true")
	}
	postgres.Restart()
}
