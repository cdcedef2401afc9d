package store_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"chatserver/chat"
	"chatserver/store"
)

// FuzzPages reads pages of every kind, and rooms, from a small store: the result is
// within the requested range, in order, and without gaps.
func FuzzPages(f *testing.F) {
	f.Add("lobby", int64(8), int64(3), 5, 1000, "", "lo")
	f.Add("empty", int64(0), int64(-1), 0, 0, "lobby", "")
	f.Add("lobby", int64(math.MaxInt64), int64(math.MinInt64), math.MaxInt, -1, "a", "night_watch-")
	db, err := store.OpenSQLite(context.Background(), f.TempDir(), store.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = db.Close() })
	const stored = 12
	for i := range stored {
		for _, room := range []string{"lobby", "night_watch", "night-watch"} {
			if _, err := db.Commit(context.Background(), []chat.Change{draft(room, strings.Repeat("x", 40*i))}); err != nil {
				f.Fatal(err)
			}
		}
	}
	f.Fuzz(func(t *testing.T, room string, before, since int64, messages, bytes int, after, prefix string) {
		limit := chat.Limit{Messages: messages, Bytes: bytes}
		if slug, err := chat.ParseRoom(room); err == nil {
			page, err := db.Before(context.Background(), slug, before, limit)
			checkPage(t, page, err, math.MinInt64, before, limit)
			page, err = db.Changes(context.Background(), slug, since, limit)
			checkPage(t, page, err, since, math.MaxInt64, limit)
			if err == nil && page.Since != since {
				t.Errorf("a page since %d has Since %d", since, page.Since)
			}
		}
		_, errAfter := chat.ParseRoom(after)
		_, errPrefix := chat.ParseRoom(prefix)
		if errAfter != nil || errPrefix != nil {
			return
		}
		rooms, err := db.Rooms(context.Background(), strings.ToLower(after), strings.ToLower(prefix), 2)
		if err != nil || len(rooms) > 2 {
			t.Errorf("%d rooms, %v", len(rooms), err)
		}
		for _, r := range rooms {
			if r.Address <= strings.ToLower(after) || !strings.HasPrefix(r.Address, strings.ToLower(prefix)) {
				t.Errorf("after %q with the prefix %q, it returns %q", after, prefix, r.Address)
			}
		}
	})
}

// checkPage checks that a page has consecutive messages of a room, above one seq and
// below another, and no more than requested.
func checkPage(t *testing.T, page chat.Page, err error, above, below int64, limit chat.Limit) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Messages) > max(limit.Messages, 1) {
		t.Errorf("%d messages of at most %d", len(page.Messages), limit.Messages)
	}
	size := 0
	for i, m := range page.Messages {
		size += m.Size()
		if m.Seq <= above || m.Seq >= below || i > 0 && m.Seq != page.Messages[i-1].Seq+1 {
			t.Errorf("between %d and %d it returns %s", above, below, seqs(page.Messages))
			break
		}
	}
	if limit.Bytes > 0 && size > limit.Bytes && len(page.Messages) > 1 {
		t.Errorf("%d messages of %d bytes, but the limit is %d", len(page.Messages), size, limit.Bytes)
	}
}

func seqs(messages []chat.Message) string {
	var all []string
	for _, m := range messages {
		all = append(all, fmt.Sprint(m.Seq))
	}
	return strings.Join(all, " ")
}
