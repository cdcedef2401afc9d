package journal

import (
	"context"
	"testing"

	"chatserver/chat"
	"chatserver/fair"
)

// countingPages is a store that counts its reads and returns empty pages.
type countingPages struct {
	chat.Store
	pages int
}

func (r *countingPages) Before(context.Context, string, int64, chat.Limit) (chat.Page, error) {
	r.pages++
	return chat.Page{}, nil
}

func (r *countingPages) Changes(_ context.Context, _ string, since int64, _ chat.Limit) (chat.Page, error) {
	r.pages++
	return chat.Page{Since: since}, nil
}

func (*countingPages) Epoch() string { return "" }

// quiet is an open room without messages.
type quiet struct{}

func (quiet) Slug() string                        { return chat.Lobby }
func (quiet) CurrentRev() (rev int64, known bool) { return 0, true }

// TestPagesAreCachedBriefly checks the age limit, because another process may have changed a
// message since the read, and that clients cannot fill the cache with pages of revs that do
// not exist.
func TestPagesAreCachedBriefly(t *testing.T) {
	yielder := fair.NewYielder(fair.Interval)
	defer yielder.Stop()
	store := &countingPages{}
	p := NewPages(store, yielder, chat.NewRendering(chat.Options{}.WithDefaults().Renderer), chat.Options{})
	r := quiet{}
	for read := range 3 {
		if _, err := p.newest(context.Background(), chat.PageReader{Limit: chat.PageLimit}, r, false); err != nil || store.pages != 1 {
			t.Fatalf("%d reads took %d pages from the store, %v", read+1, store.pages, err)
		}
	}
	p.maxAge = 0
	if _, err := p.newest(context.Background(), chat.PageReader{Limit: chat.PageLimit}, r, false); err != nil || store.pages != 2 {
		t.Errorf("an outdated page was returned again, %v", err)
	}
	if _, err := p.since(context.Background(), chat.PageReader{Limit: chat.PageLimit}, r, 7, false); err != nil || p.cache.Len() != 1 {
		t.Errorf("%d pages are cached, %v", p.cache.Len(), err)
	}
}
