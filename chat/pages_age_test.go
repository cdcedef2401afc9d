package chat

import (
	"context"
	"testing"
)

// countingPages is a store that counts the pages it gave, all empty.
type countingPages struct {
	Store
	pages int
}

func (r *countingPages) Before(context.Context, string, int64, Limit) (Page, error) {
	r.pages++
	return Page{}, nil
}

func (r *countingPages) Changes(_ context.Context, _ string, since int64, _ Limit) (Page, error) {
	r.pages++
	return Page{Since: since}, nil
}

func (*countingPages) Epoch() string { return "" }

// Another process may have changed a message since a page was read, and nobody may
// fill what is kept with pages of revs that never were.
func TestPagesAreCachedBriefly(t *testing.T) {
	turns := newFairness(fairnessInterval)
	defer turns.stop()
	store := &countingPages{}
	p := newPages(store, turns, newRendering(plain{}))
	r := &room{slug: Lobby, live: 1}
	for read := range 3 {
		if _, err := p.newest(context.Background(), pageReader{limit: PageLimit}, r, false); err != nil || store.pages != 1 {
			t.Fatalf("reading %d times reads %d pages, %v", read+1, store.pages, err)
		}
	}
	p.maxAge = 0
	if _, err := p.newest(context.Background(), pageReader{limit: PageLimit}, r, false); err != nil || store.pages != 2 {
		t.Errorf("a page that is too old is given again, %v", err)
	}
	if _, err := p.since(context.Background(), pageReader{limit: PageLimit}, r, 7, false); err != nil || p.cache.Len() != 1 {
		t.Errorf("%d pages are kept, %v", p.cache.Len(), err)
	}
}
