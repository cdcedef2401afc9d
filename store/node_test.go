package store_test

import (
	"context"
	"fmt"
	"testing"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/store"
)

// nodes returns this many nodes on one database, and a connection of an administrator.
func nodes(t *testing.T, n int) (all []*store.Node, look func(statements ...string)) {
	t.Helper()
	database := chattest.Database(t)
	for range n {
		node, err := openURL(t, database, store.Options{}).Join(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, node)
	}
	conn := admin(t, database)
	return all, func(statements ...string) { does(t, conn, statements...) }
}

func beats(t *testing.T, n *store.Node) (lapsed bool) {
	t.Helper()
	lapsed, err := n.Heartbeat(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return lapsed
}

// sees returns who is in the lobby on other nodes.
func sees(t *testing.T, n *store.Node) (all string) {
	t.Helper()
	there, err := n.Remote(context.Background(), []string{"lobby"})
	if err != nil {
		return "error"
	}
	for _, node := range there {
		all += fmt.Sprintf("%d:", node.Online)
		for _, user := range node.Users {
			all += fmt.Sprintf(" %s %d", user.Name, user.Age)
		}
		if node.Expired {
			all += " lapsed"
		}
	}
	return all
}

// counted returns how many users are in the lobby on other nodes.
func counted(t *testing.T, n *store.Node) int {
	t.Helper()
	online, err := n.RemoteOnline(context.Background(), []string{"lobby", "empty"})
	if err != nil {
		t.Fatal(err)
	}
	return online["lobby"]
}

func puts(t *testing.T, n *store.Node, users ...chat.User) {
	t.Helper()
	here := chat.NodePresence{Room: "lobby", Online: len(users), Users: users}
	if err := n.Publish(context.Background(), []chat.NodePresence{here, {Room: "empty"}}); err != nil {
		t.Fatal(err)
	}
}

func TestANodeSeesWhoIsOnOtherNodes(t *testing.T) {
	all, does := nodes(t, 2)
	a, b := all[0], all[1]
	if got := sees(t, a); got != "" || beats(t, a) {
		t.Errorf("at first a sees %q", got)
	}
	puts(t, b, chat.User{Name: "Bob's \"é\"", Age: 25}, chat.User{Name: "Cid"})
	if got := sees(t, a); got != `2: Bob's "é" 25 Cid 0` {
		t.Errorf("then %q", got)
	}
	if got := sees(t, b); got != "" || counted(t, b) != 0 || counted(t, a) != 2 {
		t.Errorf("b sees itself: %q, or a user is not counted", got)
	}
	does(`UPDATE nodes SET seen_at = seen_at - interval '41 seconds'`)
	if got := sees(t, a); got != "error" {
		t.Errorf("an expired node sees %q", got)
	}
	if counted(t, a) != 0 || !beats(t, a) {
		t.Error("an expired node does not notice it, or users of another expired node are counted")
	}
	if got := sees(t, a); got != `2: Bob's "é" 25 Cid 0 lapsed` {
		t.Errorf("when b is silent %q", got)
	}
	if !beats(t, b) || beats(t, b) {
		t.Error("b does not learn that it had expired, or learns it twice")
	}
	does(`UPDATE nodes SET seen_at = seen_at - interval '39 seconds'`)
	if beats(t, b) {
		t.Error("b expired too early")
	}
	puts(t, b)
	if got := sees(t, a); got != "" {
		t.Errorf("when they have left %q", got)
	}
	puts(t, b, chat.User{Name: "Bob"})
	if err := b.Leave(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := sees(t, a); got != "" {
		t.Errorf("when the node has left %q", got)
	}
}

// A crash of Postgres empties unlogged tables. No node takes that for an empty room.
func TestANodeNoticesThatTheDatabaseLostItsPresence(t *testing.T) {
	all, does := nodes(t, 2)
	puts(t, all[1], chat.User{Name: "Bob"})
	does(`TRUNCATE node_presences`)
	if got := sees(t, all[0]); got != "error" {
		t.Errorf("after a crash a node sees %q", got)
	}
	if !beats(t, all[0]) || !beats(t, all[1]) {
		t.Error("the nodes do not learn that they must publish their presence")
	}
	puts(t, all[1], chat.User{Name: "Bob"})
	if got := sees(t, all[0]); got != "1: Bob 0" {
		t.Errorf("then it sees %q", got)
	}
}

// The rows of a node that disappeared are deleted eventually.
func TestNodesThatAreLongGoneAreDeleted(t *testing.T) {
	all, does := nodes(t, 2)
	puts(t, all[1], chat.User{Name: "Bob"})
	claims(t, all[1], "bob", "key/1")
	does(`UPDATE nodes SET seen_at = seen_at - interval '11 minutes'`, `UPDATE nodes SET seen_at = now() WHERE id IN (SELECT node FROM node_presences WHERE room = '' AND node NOT IN (SELECT node FROM node_presences WHERE room = 'lobby'))`)
	beats(t, all[0])
	does(`DO $$ BEGIN ASSERT (SELECT count(*) FROM nodes) = 1 AND (SELECT count(*) FROM node_presences) = 1 AND (SELECT count(*) FROM names) = 0; END $$`)
}

// claims returns the holder of a name that a node tries to acquire; empty if it succeeds.
func claims(t *testing.T, n *store.Node, look, holder string) string {
	t.Helper()
	claim := []chat.NameLease{{Skeleton: look, Holder: holder, Key: look, Name: look + " of " + holder}}
	may, err := n.Holders(context.Background(), claim)
	if err != nil {
		t.Fatal(err)
	}
	bearers, err := n.Acquire(context.Background(), claim)
	if err != nil {
		t.Fatal(err)
	}
	if len(may) != len(bearers) {
		t.Errorf("may reuse: %v; holders: %v", may, bearers)
	}
	if len(bearers) == 0 {
		return ""
	}
	return bearers[0].Name
}

func release(t *testing.T, n *store.Node, names ...chat.NameRelease) {
	t.Helper()
	if err := n.Release(context.Background(), names); err != nil {
		t.Fatal(err)
	}
}

func releases(t *testing.T, n *store.Node, looks ...string) {
	t.Helper()
	released := make([]chat.NameRelease, 0, len(looks))
	for _, look := range looks {
		released = append(released, chat.NameRelease{Skeleton: look})
	}
	release(t, n, released...)
}

func TestANameHasOneHolder(t *testing.T) {
	all, does := nodes(t, 3)
	a, b, c := all[0], all[1], all[2]
	is := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %q holds it instead of %q", what, got, want)
		}
	}
	is("free", claims(t, a, "ann", "1"), "")
	is("again", claims(t, a, "ann", "1"), "")
	is("elsewhere, by the same", claims(t, b, "ann", "1"), "")
	is("elsewhere, by another", claims(t, c, "ann", "2"), "ann of 1")
	is("another name", claims(t, c, "bob", "2"), "")
	releases(t, a, "ann", "nobody")
	is("left on one of two nodes", claims(t, c, "ann", "2"), "ann of 1")
	releases(t, b, "ann", "bob")
	is("left on both", claims(t, c, "ann", "2"), "")
	is("which others had no say in", claims(t, a, "bob", "1"), "bob of 2")
	is("on the node itself it knows better", claims(t, c, "ann", "3"), "")
	is("and others see that", claims(t, a, "ann", "2"), "ann of 3")
	does(`UPDATE nodes SET seen_at = seen_at - interval '69 seconds'`)
	beats(t, a)
	is("on a node that is silent, whose people may come back", claims(t, a, "ann", "2"), "ann of 3")
	does(`UPDATE nodes SET seen_at = seen_at - interval '2 seconds'`)
	beats(t, a)
	is("on a node that was silent for so long that they will not", claims(t, a, "ann", "2"), "")
	beats(t, c)
	is("which then is not asked", claims(t, c, "ann", "3"), "ann of 2")
	if err := a.Leave(context.Background()); err != nil {
		t.Fatal(err)
	}
	is("on a node that left", claims(t, c, "ann", "3"), "")
}

// A reserved name belongs to nobody else, on any node, until the reservation ends or its
// holder comes back and releases it.
func TestANameIsReservedForItsHolder(t *testing.T) {
	all, does := nodes(t, 2)
	a, b := all[0], all[1]
	is := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %q has it instead of %q", what, got, want)
		}
	}
	keep := chat.NameRelease{Skeleton: "ann", Kept: chat.KeepName}
	claims(t, a, "ann", "1")
	release(t, a, keep)
	is("kept, on another node", claims(t, b, "ann", "2"), "ann of 1")
	is("kept, on the same node", claims(t, a, "ann", "2"), "ann of 1")
	bearers, err := a.Holders(context.Background(), []chat.NameLease{{Skeleton: "ann", Holder: "2"}})
	if err != nil || len(bearers) != 1 || !bearers[0].Kept {
		t.Errorf("the holders are %+v, %v: the name is not marked as reserved", bearers, err)
	}
	releases(t, b, "ann") // b does not hold the name
	is("released by a node that does not have it", claims(t, b, "ann", "2"), "ann of 1")
	is("its holder, on another node", claims(t, b, "ann", "1"), "")
	if bearers, err = a.Holders(context.Background(), []chat.NameLease{{Skeleton: "ann", Holder: "2"}}); err != nil || len(bearers) != 1 || bearers[0].Kept {
		t.Errorf("the holders are %+v, %v: the name is marked as reserved", bearers, err)
	}
	releases(t, b, "ann")
	is("released by its holder", claims(t, a, "ann", "2"), "")

	release(t, a, keep)
	for _, n := range all { // whose users move to other nodes
		if err := n.Leave(context.Background()); err != nil {
			t.Fatal(err)
		}
		beats(t, n)
	}
	is("kept when its node left", claims(t, b, "ann", "3"), "ann of 2")
	beats(t, a)
	does(`DO $$ BEGIN ASSERT (SELECT count(*) FROM names) = 1; END $$`, `UPDATE names SET kept_until = kept_until - interval '61 seconds'`)
	is("kept no more", claims(t, b, "ann", "3"), "")
	release(t, b, keep)
	does(`UPDATE names SET kept_until = kept_until - interval '61 seconds'`)
	beats(t, a)
	does(`DO $$ BEGIN ASSERT (SELECT count(*) FROM names) = 0; END $$`)
}

// A user who returns on another node at the moment their node leaves keeps the name.
func TestANameThatIsBeingAcquiredIsNotDeleted(t *testing.T) {
	database := chattest.Database(t)
	a, err := openURL(t, database, store.Options{}).Join(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	claims(t, a, "ann", "1")
	conn := admin(t, database, `INSERT INTO nodes (id, seen_at) VALUES ('other', now())`, `BEGIN`, `UPDATE names SET nodes = array_append(nodes, 'other')`)
	left := make(chan error)
	go func() { left <- a.Leave(context.Background()) }()
	watch := admin(t, database)
	for waits := false; !waits; {
		err := watch.QueryRowContext(context.Background(), `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%names%' AND datname = current_database())`).Scan(&waits)
		if err != nil {
			t.Fatal(err)
		}
	}
	does(t, conn, `COMMIT`)
	if err := <-left; err != nil {
		t.Fatal(err)
	}
	does(t, conn, `DO $$ BEGIN ASSERT (SELECT count(*) FROM names) = 1; END $$`)
}
