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
	random := &changer{rand.New(rand.NewPCG(seed, 0))}
	const room = "lobby"
	now, states := folded{}, []folded{{}} // by rev
	for range 60 {
		batch := random.batch(int64(len(states)))
		outcomes, err := db.Commit(context.Background(), batch)
		if err != nil {
			t.Fatal(err)
		}
		for i, outcome := range outcomes {
			if outcome.Err != nil || outcome.Known || batch[i].Header().Room != room {
				continue
			}
			for _, m := range []*chat.Message{&outcome.Message, outcome.Root} {
				if m == nil {
					continue
				}
				if m.Rev != int64(len(states)) {
					t.Fatalf("after rev %d, %+v became %+v", len(states)-1, batch[i], outcome)
				}
				now.apply(*m)
				states = append(states, maps.Clone(now))
			}
		}
		if read, rev := fresh(t, db, room); read.hash(t) != now.hash(t) || rev != int64(len(states)-1) {
			t.Fatalf("applied up to %d:\n%s\nread up to %d:\n%s", len(states)-1, now.hash(t), rev, read.hash(t))
		}
	}
	want := now.hash(t)
	for since, state := range states {
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
type changer struct{ *rand.Rand }

func (r *changer) batch(revs int64) (batch []chat.Change) {
	for range 1 + r.IntN(12) {
		batch = append(batch, r.change(revs))
	}
	return batch
}

func (r *changer) change(revs int64) chat.Change {
	by := []chat.Author{ann, bob}[r.IntN(2)]
	target := in(r.Int64N(revs)+1, by)
	if r.IntN(10) == 0 {
		target.Room = "other"
	}
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
