package journal

import (
	"cmp"
	"context"
	"runtime"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"chatserver/chat"
	"chatserver/fair"
)

// CachedPages reads pages of history for clients. At most one read per core runs at a time, and
// payers take turns: a hundred clients that catch up must not delay one that sends a
// message, nor may one address with a hundred connections delay all other readers.
//
// The latest pages read for joins are cached. When a thousand clients join a room, or
// reconnect after a restart, they get the same page from one query.
//
// Pages for JSON clients contain the HTML of this server's renderer, even if another version
// of it stored the message.
type CachedPages struct {
	store   chat.Store
	yielder *fair.Yielder
	gate    *fair.Gate[chat.Payer]
	cache   *lru.Cache[pageKey, cachedPage]
	html    *chat.Rendering
	maxAge  time.Duration // how long a cached page is valid
}

// pageKey identifies a cached page: the room, the rev that the page starts after (or
// newestPage), the store's epoch before the read, and the page limit.
type pageKey struct {
	room  string
	since int64
	epoch string
	limit chat.Limit
}

// cachedPage is a page and the time at which it was read.
type cachedPage struct {
	chat.Page
	read time.Time
}

const (
	newestPage = -1
	// maxPageAge is short because another process may change a room before this one learns
	// of it.
	maxPageAge = time.Second
	// maxPages is the size of the cache. Each page may be as large as PageLimit allows.
	maxPages = 32
)

// NewPages returns pages of a store. The yielder is the hub's.
func NewPages(store chat.Store, yielder *fair.Yielder, html *chat.Rendering, o chat.Options) *CachedPages {
	cache, err := lru.New[pageKey, cachedPage](maxPages)
	if err != nil {
		panic(err) // only for a size below one
	}
	return &CachedPages{store, yielder, fair.NewGate[chat.Payer](runtime.GOMAXPROCS(0)), cache, html, cmp.Or(o.PageAge, maxPageAge)}
}

// Before is Store.Before for plain text, which needs no current HTML.
func (p *CachedPages) Before(ctx context.Context, payer chat.Payer, room string, seq int64, limit chat.Limit) (chat.Page, error) {
	if err := p.enter(ctx, payer); err != nil {
		return chat.Page{}, err
	}
	defer p.gate.Leave()
	return p.store.Before(ctx, room, seq, limit)
}

// History returns the page of messages before a seq.
func (p *CachedPages) History(ctx context.Context, by chat.PageReader, room string, seq int64) (chat.Page, error) {
	return p.Read(ctx, by, p.html.Before, func() (chat.Page, error) { return p.store.Before(ctx, room, seq, by.Limit) })
}

// Read reads a page in the reader's turn and renders it.
func (p *CachedPages) Read(ctx context.Context, by chat.PageReader, render chat.Render, read func() (chat.Page, error)) (chat.Page, error) {
	if err := p.enter(ctx, by.Payer); err != nil {
		return chat.Page{}, err
	}
	defer p.gate.Leave()
	page, err := read()
	return render(by.Payer, page, by.Limit), err
}

// Enter waits for the turn to read something else; call leave when it is read. The error is
// the context's.
func (p *CachedPages) Enter(ctx context.Context, payer chat.Payer) (leave func(), err error) {
	if err := p.enter(ctx, payer); err != nil {
		return nil, err
	}
	return p.gate.Leave, nil
}

// enter waits for the turn to read a page; the caller must then call gate.Leave. It yields
// before the read and not after it, so that the room does not advance past a page that was
// just read. The error is the context's.
func (p *CachedPages) enter(ctx context.Context, payer chat.Payer) error {
	if err := p.gate.Enter(ctx, payer, 0); err != nil {
		return err
	}
	p.yielder.Yield()
	return nil
}

// Resume returns what a client at a position lacks. It returns the newest page if there is no
// position; if the position belongs to another history, it returns the newest page and reset.
func (p *CachedPages) Resume(ctx context.Context, by chat.PageReader, r chat.LiveRoom, at *chat.Position, reread bool) (page chat.Page, reset bool, err error) {
	sameEpoch := func() bool { return at.Epoch == "" || at.Epoch == p.store.Epoch() }
	if at != nil && sameEpoch() {
		page, err = p.since(ctx, by, r, at.Rev, reread)
		diverged := !sameEpoch() || // the store went back in time during the read
			at.ID != "" && page.SinceID != "" && at.ID != page.SinceID ||
			page.Replaces(at.Rev)
		if err != nil || page.Rev >= at.Rev && !diverged {
			return page, false, err
		}
	}
	page, err = p.newest(ctx, by, r, reread)
	return page, at != nil, err
}

// newest returns the newest page of a room. More is false: older messages may exist, but
// none that changed since.
func (p *CachedPages) newest(ctx context.Context, by chat.PageReader, r chat.LiveRoom, reread bool) (chat.Page, error) {
	return p.cachedOrRead(ctx, by, r, newestPage, reread, func() (chat.Page, error) {
		page, err := p.store.Before(ctx, r.Slug(), chat.Newest, by.Limit)
		page = p.html.Before(by.Payer, page, by.Limit)
		page.More = false
		return page, err
	})
}

// since returns the changes in a room after a rev.
func (p *CachedPages) since(ctx context.Context, by chat.PageReader, r chat.LiveRoom, rev int64, reread bool) (chat.Page, error) {
	return p.cachedOrRead(ctx, by, r, rev, reread, func() (chat.Page, error) {
		page, err := p.store.Changes(ctx, r.Slug(), rev, by.Limit)
		return p.html.Changes(by.Payer, page, by.Limit), err
	})
}

// cachedOrRead returns a cached page, or reads it and caches it if it is complete. A re-read
// skips the queue, or the room could advance again.
func (p *CachedPages) cachedOrRead(ctx context.Context, by chat.PageReader, r chat.LiveRoom, since int64, reread bool, read func() (chat.Page, error)) (chat.Page, error) {
	key := p.key(r, since, by.Limit)
	if page, ok := p.cached(r, key); ok {
		return page, nil
	}
	if !reread {
		if err := p.enter(ctx, by.Payer); err != nil {
			return chat.Page{}, err
		}
		defer p.gate.Leave()
		if page, ok := p.cached(r, key); ok { // another reader has read it in the meantime
			return page, nil
		}
	}
	began := time.Now()
	page, err := read()
	if err == nil && !page.More && page.Rev >= since { // a page of a rev that does not exist is not cached, or clients could fill the cache with such pages
		p.cache.Add(key, cachedPage{page, began})
	}
	return page, err
}

func (p *CachedPages) key(r chat.LiveRoom, since int64, limit chat.Limit) pageKey {
	return pageKey{r.Slug(), since, p.store.Epoch(), limit}
}

// cached returns the cached page if it ends at the room's current rev: nothing has then
// changed since, as far as this process knows. The current rev is known only while the room
// has a live subscription.
func (p *CachedPages) cached(r chat.LiveRoom, key pageKey) (chat.Page, bool) {
	rev, known := r.CurrentRev()
	if !known {
		return chat.Page{}, false
	}
	page, ok := p.cache.Get(key)
	return page.Page, ok && page.Rev == rev && time.Since(page.read) < p.maxAge
}

// NewestForWebPage is newest for a web page. It waits for its turn no longer than the
// context allows: if the store hangs, the page is served without messages.
func (p *CachedPages) NewestForWebPage(ctx context.Context, payer chat.Payer, r chat.LiveRoom) (chat.Page, error) {
	if page, ok := p.cached(r, p.key(r, newestPage, chat.PageLimit)); ok {
		return page, nil
	}
	if err := p.enter(ctx, payer); err != nil {
		return chat.Page{}, err
	}
	defer p.gate.Leave()
	return p.newest(ctx, chat.PageReader{Payer: payer, Limit: chat.PageLimit}, r, true)
}
