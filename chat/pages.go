package chat

import (
	"context"
	"fmt"
	"runtime"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"chatserver/fair"
)

// pages reads pages of history for clients. At most one read per core runs at a time, and
// payers take turns: a hundred clients that catch up must not delay one that sends a
// message, nor may one address with a hundred connections delay all other readers.
//
// The latest pages read for joins are cached. When a thousand clients join a room, or
// reconnect after a restart, they get the same page from one query.
//
// Pages for JSON clients contain the HTML of this server's renderer, even if another version
// of it stored the message.
type pages struct {
	store    Store
	fairness *fair.Yielder
	gate     *fair.Gate[Payer]
	cache    *lru.Cache[pageKey, cachedPage]
	html     *rendering
	maxAge   time.Duration // how long a cached page is valid
}

// pageKey identifies a cached page: the room, the rev that the page starts after (or
// newestPage), the store's epoch before the read, and the page limit.
type pageKey struct {
	room  string
	since int64
	epoch string
	limit Limit
}

// pageReader is a reader of pages: the payer of the work, and the page limit.
type pageReader struct {
	Payer
	limit Limit
}

// cachedPage is a page and the time at which it was read.
type cachedPage struct {
	Page
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

func newPages(store Store, turns *fair.Yielder, html *rendering) *pages {
	cache, err := lru.New[pageKey, cachedPage](maxPages)
	if err != nil {
		panic(err) // only for a size below one
	}
	return &pages{store, turns, fair.NewGate[Payer](runtime.GOMAXPROCS(0)), cache, html, maxPageAge}
}

// before is Store.Before for plain text, which needs no current HTML.
func (p *pages) before(ctx context.Context, payer Payer, room string, seq int64, limit Limit) (Page, error) {
	if err := p.enter(ctx, payer); err != nil {
		return Page{}, err
	}
	defer p.gate.Leave()
	return p.store.Before(ctx, room, seq, limit)
}

// history returns the page of messages before a seq.
func (p *pages) history(ctx context.Context, by pageReader, room string, seq int64) (Page, error) {
	return p.read(ctx, by, p.html.before, func() (Page, error) { return p.store.Before(ctx, room, seq, by.limit) })
}

// render is rendering.before or rendering.changes, whichever the page's order needs.
type render func(Payer, Page, Limit) Page

// read reads a page in the reader's turn and renders it.
func (p *pages) read(ctx context.Context, by pageReader, render render, read func() (Page, error)) (Page, error) {
	if err := p.enter(ctx, by.Payer); err != nil {
		return Page{}, err
	}
	defer p.gate.Leave()
	page, err := read()
	return render(by.Payer, page, by.limit), err
}

// message returns one message of a room. The error is an *Invalid, ErrNoMessage, the
// context's or the store's.
func (p *pages) message(ctx context.Context, payer Payer, room string, seq int64) (Message, error) {
	if err := checkSeq(seq); err != nil {
		return Message{}, err
	}
	page, err := p.before(ctx, payer, room, seq+1, Limit{Messages: 1})
	if err != nil {
		return Message{}, fmt.Errorf("read message %d of %s: %w", seq, room, err)
	}
	if len(page.Messages) == 0 || page.Messages[0].Seq != seq {
		return Message{}, ErrNoMessage
	}
	return page.Messages[0], nil
}

func checkSeq(seq int64) error {
	if seq < 1 || seq >= Newest {
		return invalid("seq", "The field seq must be the seq of a message, 1 or more.")
	}
	return nil
}

// enter waits for the turn to read a page; the caller must then call gate.Leave. It yields
// before the read and not after it, so that the room does not advance past a page that was
// just read. The error is the context's.
func (p *pages) enter(ctx context.Context, payer Payer) error {
	if err := p.gate.Enter(ctx, payer, 0); err != nil {
		return err
	}
	p.fairness.Yield()
	return nil
}

// newest returns the newest page of a room. More is false: older messages may exist, but
// none that changed since.
func (p *pages) newest(ctx context.Context, by pageReader, r *room, reread bool) (Page, error) {
	return p.cachedOrRead(ctx, by, r, newestPage, reread, func() (Page, error) {
		page, err := p.store.Before(ctx, r.slug, Newest, by.limit)
		page = p.html.before(by.Payer, page, by.limit)
		page.More = false
		return page, err
	})
}

// since returns the changes in a room after a rev.
func (p *pages) since(ctx context.Context, by pageReader, r *room, rev int64, reread bool) (Page, error) {
	return p.cachedOrRead(ctx, by, r, rev, reread, func() (Page, error) {
		page, err := p.store.Changes(ctx, r.slug, rev, by.limit)
		return p.html.changes(by.Payer, page, by.limit), err
	})
}

// cachedOrRead returns a cached page, or reads it and caches it if it is complete. A re-read
// skips the queue, or the room could advance again.
func (p *pages) cachedOrRead(ctx context.Context, by pageReader, r *room, since int64, reread bool, read func() (Page, error)) (Page, error) {
	key := p.key(r, since, by.limit)
	if page, ok := p.cached(r, key); ok {
		return page, nil
	}
	if !reread {
		if err := p.enter(ctx, by.Payer); err != nil {
			return Page{}, err
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

func (p *pages) key(r *room, since int64, limit Limit) pageKey {
	return pageKey{r.slug, since, p.store.Epoch(), limit}
}

// cached returns the cached page if it ends at the room's current rev: nothing has then
// changed since, as far as this process knows. The current rev is known only while the room
// has a live subscription.
func (p *pages) cached(r *room, key pageKey) (Page, bool) {
	rev, known := r.currentRev()
	if !known {
		return Page{}, false
	}
	page, ok := p.cache.Get(key)
	return page.Page, ok && page.Rev == rev && time.Since(page.read) < p.maxAge
}
