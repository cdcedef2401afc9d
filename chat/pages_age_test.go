package chat

import (
	"context"
	"testing"

	"chatserver/fair"
)

// countingPages is a store that counts its reads and returns empty pages.
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

// quiet is an open room without messages.
type quiet struct{}

func (quiet) Slug() string                        { return Lobby }
func (quiet) CurrentRev() (rev int64, known bool) { return 0, true }

// TestPagesAreCachedBriefly checks the age limit, because another process may have changed a
// message since the read, and that clients cannot fill the cache with pages of revs that do
// not exist.
func TestPagesAreCachedBriefly(t *testing.T) {
	yielder := fair.NewYielder(fair.Interval)
	defer yielder.Stop()
	store := &countingPages{}
	p := NewPages(store, yielder, NewRendering(Options{}.WithDefaults().Renderer), Options{})
	r := quiet{}
	for read := range 3 {
		if _, err := p.newest(context.Background(), PageReader{Limit: PageLimit}, r, false); err != nil || store.pages != 1 {
			t.Fatalf("%d reads took %d pages from the store, %v", read+1, store.pages, err)
		}
	}
	p.maxAge = 0
	if _, err := p.newest(context.Background(), PageReader{Limit: PageLimit}, r, false); err != nil || store.pages != 2 {
		t.Errorf("an outdated page was returned again, %v", err)
	}
	if _, err := p.since(context.Background(), PageReader{Limit: PageLimit}, r, 7, false); err != nil || p.cache.Len() != 1 {
		t.Errorf("%d pages are cached, %v", p.cache.Len(), err)
	}
}
