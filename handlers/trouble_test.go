package handlers_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"chatserver/chat"
	"chatserver/chattest"
)

// trouble is a world whose disk can be filled, with Ann in chat.v1, Tom in plain text, and
// Bob who only reads.
type trouble struct {
	*chattest.World
	t    *testing.T
	disk interface {
		LimitPages(context.Context, int64) error
	}
	ann, bob *chattest.Member
	tom      *chattest.Person
}

func newTrouble(t *testing.T) *trouble {
	t.Helper()
	tr := &trouble{t: t}
	tr.World = chattest.NewWorld(t, chattest.Store(func(inner chat.Store) chat.Store {
		tr.disk = inner.(interface {
			LimitPages(context.Context, int64) error
		})
		return inner
	}))
	tr.ann, tr.bob, tr.tom = tr.Join("Ann", "lobby"), tr.Join("Bob", "lobby"), tr.Connect("Tom", "")
	tr.tom.Hears("Tom connected to chat")
	return tr
}

// readingGoesOn checks that readers are not affected.
func (tr *trouble) readingGoesOn() {
	tr.t.Helper()
	stored := tr.Stored("lobby")
	tr.ann.Asks("history", "room", "lobby", "before", stored[len(stored)-1].Seq+1)
	if e := tr.ann.HearsEvent("history"); len(e.Messages) != len(stored) || e.More {
		tr.t.Errorf("Ann reads %d of %d messages", len(e.Messages), len(stored))
	}
	cid := tr.Join("Cid", "lobby")
	if has := cid.Has("lobby"); len(has) == 0 || has[len(has)-1].Seq != stored[len(stored)-1].Seq {
		tr.t.Errorf("Cid comes and reads %d of %d messages", len(has), len(stored))
	}
	tr.bob.HearsEventThat("tells that Cid came", func(e chattest.Event) bool {
		return slices.ContainsFunc(e.Joined, func(who chattest.Who) bool { return who.Name == "Cid" })
	})
	cid.Goes()
}

// isRefused checks that Ann gets an error and stays connected, that Tom's connection is
// closed, and that nobody gets the refused messages.
func (tr *trouble) isRefused(ids []string, text string) {
	tr.t.Helper()
	for _, id := range ids {
		tr.ann.Sends("lobby", id, text)
	}
	tr.tom.Says(text)
	for _, id := range ids {
		if e := tr.ann.HearsEvent("error"); e.Code != "not_stored" || e.ID != id || e.Room != "lobby" || e.Cmd != "send" {
			tr.t.Errorf("Ann is answered %+v", e)
		}
	}
	code, reason, heard := tr.tom.IsClosed()
	heard = slices.DeleteFunc(heard, func(line string) bool { return !strings.Contains(line, text) })
	if code != 1011 || reason != "not stored" || len(heard) > 0 {
		tr.t.Errorf("Tom is closed with %d %q and heard %.80q", code, reason, heard)
	}
	tr.bob.Pings()
	for _, e := range append(tr.bob.HeardSince(), tr.ann.HeardSince()...) {
		if e.Event == "message" && e.Text == text || e.Event == "ack" || e.Event == "changes" {
			tr.t.Errorf("somebody got a message that was not stored: %.200v", e)
		}
	}
	if opened := tr.ann.Opened(); opened != 1 {
		tr.t.Errorf("Ann has her connection no. %d", opened)
	}
}

// worksAgain checks that the same ids can be stored now, once each, and nothing else is
// stored.
func (tr *trouble) worksAgain(before []chat.Message, ids []string, text string) {
	tr.t.Helper()
	for _, id := range ids {
		tr.ann.Sends("lobby", id, text)
	}
	for _, id := range ids {
		tr.bob.HearsEventThat("is the message "+id, func(e chattest.Event) bool { return e.Event == "message" && e.ID == id })
	}
	tim := tr.Connect("Tim", "")
	tim.Hears("Tim connected to chat")
	tim.Says("here I am")
	for line := ""; line != "Tim: here I am"; {
		var err error
		if line, err = tim.Line(); err != nil {
			tr.t.Fatalf("Tim says something and hears nothing: %v", err)
		}
	}
	stored := tr.Stored("lobby")
	if len(stored) != len(before)+len(ids)+1 {
		tr.t.Fatalf("%d messages are stored instead of %d and %d and one", len(stored), len(before), len(ids))
	}
	for i, id := range ids {
		if m := stored[len(before)+i]; m.ID != id || m.Seq != int64(len(before)+i+1) {
			tr.t.Errorf("in place %d is %.80v", len(before)+i, m)
		}
	}
	for _, m := range []*chattest.Member{tr.ann, tr.bob} {
		m.Reaches("lobby", int64(len(stored)))
		if has := m.Has("lobby"); len(has) != len(stored) {
			tr.t.Errorf("%s has %d messages of %d", m.Name, len(has), len(stored))
		}
		for _, wrong := range append(m.Jumps(), m.Wrongs()...) {
			tr.t.Errorf("%s: %s", m.Name, wrong)
		}
	}
}

func someIDs(n int) (ids []string) {
	for range n {
		ids = append(ids, uuid.NewString())
	}
	return ids
}

// On a full disk nothing is stored and nothing is acknowledged. Reading continues, and once
// there is space again, writing works without a restart.
func TestAFullDiskIsReportedAndGoesAway(t *testing.T) {
	tr := newTrouble(t)
	for i := range 20 {
		tr.ann.SaysUntilAcknowledged("lobby", uuid.NewString(), fmt.Sprint(i))
	}
	before, ids := tr.Stored("lobby"), someIDs(5)
	if err := tr.disk.LimitPages(t.Context(), 1); err != nil { // the current number
		t.Fatal(err)
	}
	text := strings.Repeat("much ", 1600) // more than fits into the free part of these pages
	tr.isRefused(ids, text)
	tr.readingGoesOn()
	if stored := tr.Stored("lobby"); len(stored) != len(before) {
		t.Errorf("on a full disk %d messages are stored", len(stored)-len(before))
	}
	if err := tr.disk.LimitPages(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	tr.worksAgain(before, ids, text)
	chattest.Figure(t, "P19", "a database that may not grow: 5 of 5 refused and none acknowledged, plain text closed with 1011; reading and presence went on; with space again 5 of 5 stored once, lost 0")
}

// A database that another process locks for too long behaves like a full disk.
func TestALockedDatabaseIsReportedAndGoesAway(t *testing.T) {
	t.Parallel() // the store waits several seconds for a lock
	tr := newTrouble(t)
	tr.ann.SaysUntilAcknowledged("lobby", uuid.NewString(), "before")
	before, ids := tr.Stored("lobby"), someIDs(1)
	release := tr.LocksTheDatabase()
	tr.readingGoesOn()
	tr.isRefused(ids, "while it is locked")
	tr.readingGoesOn()
	release()
	tr.worksAgain(before, ids, "while it is locked")
}

// A short lock only causes a delay: the message is acknowledged late, and not before it is
// stored.
func TestAShortLockOnlyDelays(t *testing.T) {
	tr := newTrouble(t)
	tr.ann.SaysUntilAcknowledged("lobby", uuid.NewString(), "before")
	release, id := tr.LocksTheDatabase(), uuid.NewString()
	began := time.Now()
	tr.ann.Sends("lobby", id, "late")
	tr.readingGoesOn() // Ann's history is answered after her message was taken
	tr.tom.Says("later")
	for _, e := range append(tr.ann.HeardSince(), tr.bob.HeardSince()...) {
		if e.ID == id {
			t.Errorf("an event arrived before it was stored: %+v", e)
		}
	}
	hold(t, 3*time.Second-time.Since(began))
	release()
	for _, m := range []*chattest.Member{tr.ann, tr.bob} {
		if e := m.HearsEvent("message"); e.ID != id || e.Seq != 2 {
			t.Errorf("%s hears %+v", m.Name, e)
		}
	}
	tr.tom.Hears("Ann: before")
	if stored := tr.Stored("lobby"); stored[1].ID != id {
		t.Errorf("stored are %+v", stored)
	}
	chattest.Figure(t, "P20", "a lock that passes: acknowledged after %.2f s, and not before it was stored; lost 0", time.Since(began).Seconds())
}
