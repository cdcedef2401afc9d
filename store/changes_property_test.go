package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"chatserver/chat"
	"chatserver/store"
)

// folded is what a client has of a room: the messages by seq.
type folded map[int64]chat.Message

// apply applies a changed message as clients do: what quotes it, quotes it as it now is.
func (f folded) apply(m chat.Message) {
	f[m.Seq] = m
	for seq, other := range f {
		if other.ReplyTo == m.Seq {
			other.Quote = m.Quoted()
			f[seq] = other
		}
	}
}

// hash returns all of the state.
func (f folded) hash(t *testing.T) string {
	t.Helper()
	var all []chat.Message
	for _, seq := range slices.Sorted(maps.Keys(f)) {
		all = append(all, f[seq])
	}
	state, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(state)
}

// fresh reads a whole room.
func fresh(t *testing.T, db *store.DB, room string) (f folded, rev int64) {
	t.Helper()
	f = folded{}
	page := newest(t, db, room, 10_000)
	for _, m := range page.Messages {
		f[m.Seq] = m
	}
	return f, page.Rev
}

// testChangesApplied commits random batches of all kinds of changes, many of them refused. At
// every rev, a client that has applied all outcomes has what a fresh read has; and one that
// comes back with any rev has it after applying the pages of changes since then.
func testChangesApplied(t *testing.T, open opener) {
	db, seed := open(t, store.Options{}), rand.Uint64()
	t.Logf("seed %d", seed)
	random := newChanger(seed)
	followed := map[string]*follower{"lobby": newFollower(), "other": newFollower()}
	for range 90 {
		batch := random.batch()
		outcomes, err := db.Commit(context.Background(), batch)
		if err != nil {
			t.Fatal(err)
		}
		for i, outcome := range outcomes {
			if outcome.Err != nil || outcome.Known {
				continue
			}
			for _, m := range told(&outcome) {
				followed[m.Room].follow(t, batch[i], m)
			}
		}
		for room, f := range followed {
			random.revs[room] = int64(len(f.states))
			if read, rev := fresh(t, db, room); read.hash(t) != f.now.hash(t) || rev != int64(len(f.states)-1) {
				t.Fatalf("applied in %s up to %d:\n%s\nread up to %d:\n%s", room, len(f.states)-1, f.now.hash(t), rev, read.hash(t))
			}
		}
	}
	for room, f := range followed {
		f.comesBack(t, db, room, random)
	}
}

// told returns the messages of an outcome that members of their rooms get.
func told(outcome *chat.Outcome) []chat.Message {
	if outcome.Moved != nil {
		return outcome.Moved
	}
	if outcome.Root != nil {
		return []chat.Message{outcome.Message, *outcome.Root}
	}
	return []chat.Message{outcome.Message}
}

// follower is a client that is always live in a room, and what it had at each rev.
type follower struct {
	now    folded
	states []folded // by rev
}

func newFollower() *follower { return &follower{folded{}, []folded{{}}} }

func (f *follower) follow(t *testing.T, c chat.Change, m chat.Message) {
	t.Helper()
	if m.Rev != int64(len(f.states)) {
		t.Fatalf("after rev %d of %s, %+v told of %+v", len(f.states)-1, m.Room, c, m)
	}
	f.now.apply(m)
	f.states = append(f.states, maps.Clone(f.now))
}

// comesBack resumes with every rev that the room ever had.
func (f *follower) comesBack(t *testing.T, db *store.DB, room string, random *changer) {
	t.Helper()
	want := f.now.hash(t)
	for since, state := range f.states {
		told := map[int64]bool{}
		for rev, more := int64(since), true; more; {
			page := changes(t, db, room, rev, chat.Limit{Messages: 1 + random.IntN(20)})
			for _, m := range page.Messages {
				if told[m.Seq] {
					t.Fatalf("message %d is told twice since %d", m.Seq, since)
				}
				told[m.Seq] = true
				state.apply(m)
			}
			rev, more = page.Rev, page.More
		}
		if state.hash(t) != want {
			t.Fatalf("since %d a client has\n%s\ninstead of\n%s", since, state.hash(t), want)
		}
	}
}

// changer makes random changes.
type changer struct {
	*rand.Rand
	revs map[string]int64 // by room: one more than its rev
}

func newChanger(seed uint64) *changer {
	return &changer{rand.New(rand.NewPCG(seed, 0)), map[string]int64{"lobby": 1, "other": 1}}
}

func (r *changer) batch() (batch []chat.Change) {
	if r.IntN(4) == 0 {
		return []chat.Change{r.move()}
	}
	for range 1 + r.IntN(12) {
		batch = append(batch, r.change())
	}
	return batch
}

// target returns a place in one of the rooms, which may have no message.
func (r *changer) target() (target chat.Target, revs int64) {
	room := []string{"lobby", "lobby", "other"}[r.IntN(3)]
	revs = max(1, r.revs[room])
	target = in(r.Int64N(revs)+1, []chat.Author{ann, bob}[r.IntN(2)])
	target.Room = room
	return target, revs
}

// move moves up to three messages, some of which may not be there.
func (r *changer) move() chat.Change {
	target, revs := r.target()
	c := chat.Move{Target: target, To: map[string]string{"lobby": "other", "other": "lobby"}[target.Room], Seqs: []int64{target.Seq}}
	for range r.IntN(3) {
		if seq := r.Int64N(revs) + 1; !slices.Contains(c.Seqs, seq) {
			c.Seqs = append(c.Seqs, seq)
		}
	}
	return c
}

func (r *changer) change() chat.Change {
	target, revs := r.target()
	by := target.By
	switch r.IntN(12) {
	case 0, 1:
		return chat.Edit{Target: target, Rev: r.Int64N(revs + 1), Text: fmt.Sprint("edit ", r.IntN(3)), HTML: "<b>", HTMLVersion: 7}
	case 2:
		return chat.Edit{Target: target, Rev: revs, Text: fmt.Sprint("edit ", r.IntN(1000))}
	case 3:
		return chat.Delete{Target: target, Moderator: r.IntN(2) == 0, Reason: "spam"}
	case 4:
		return chat.Purge{Target: target, Version: r.IntN(3), Moderator: true}
	case 5, 6:
		return chat.React{Target: target, Emoji: []string{"👍", "🎉"}[r.IntN(2)], On: r.IntN(3) > 0}
	case 7:
		return chat.Pin{Target: target, On: r.IntN(2) == 0}
	}
	post := draft(target.Room, fmt.Sprint("message ", r.IntN(1000)))
	post.AuthorID, post.From = by.ID, by.Name
	if r.IntN(3) == 0 {
		post.Thread = target.Seq
	}
	if r.IntN(3) == 0 {
		post.ReplyTo = r.Int64N(revs) + 1
	}
	return post
}

// A client that missed a million changes of ten messages gets ten messages.
func TestAMillionChangesAreOneEventPerMessage(t *testing.T) {
	const messages, each, batches = 10, 10_000, 100
	db := openFolder(t, t.TempDir(), store.Options{})
	for i := range messages {
		say(t, db, draft("lobby", fmt.Sprint("message ", i)))
	}
	batch := make([]chat.Change, each)
	for i := range batch {
		batch[i] = chat.Pin{Target: in(int64(i%messages)+1, bob), On: i/messages%2 == 0}
	}
	for range batches {
		if _, err := db.Commit(context.Background(), batch); err != nil {
			t.Fatal(err)
		}
	}
	page := changes(t, db, "lobby", messages, chat.PageLimit)
	if page.Rev != messages+each*batches || len(page.Messages) != messages || page.More {
		t.Errorf("since %d there are %d messages up to %d, and more: %t", messages, len(page.Messages), page.Rev, page.More)
	}
}
