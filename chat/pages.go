package chat

import (
	"context"
	"runtime"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// pages reads pages for those who ask for them. As many are read at once as there
// are cores, fairly by payer: a hundred who catch up must not keep the one waiting who
// has something to say, nor one address with a hundred connections everybody else who
// reads.
//
// Those that were read last for somebody who joined are kept. When a thousand come
// to one room, or come back after a restart, they get the same page, and the store
// is asked once.
//
// What is read for those who hear JSON has the HTML of this server's renderer, also
// if another version of it stored the message.
type pages struct {
	store    Store
	fairness *fairness
	gate     *fairGate
	cache    *lru.Cache[pageKey, cachedPage]
	html     *rendering
	maxAge   time.Duration // how long a page is good
}

// pageKey is what a page was read for: a room and a rev after which, or newestPage, and
// the epoch of the store before it was read, and the page's limit.
type pageKey struct {
	room  string
	since int64
	epoch string
	limit Limit
}

// pageReader is whom a page is read for: the payer of the work, and the page's limit.
type pageReader struct {
	Payer
	limit Limit
}

func (c *Connection) pageReader() pageReader { return pageReader{c.Payer(), c.Kind.PageLimit()} }

// cachedPage is a page and when it was read.
type cachedPage struct {
	Page
	read time.Time
}

const (
	newestPage = -1
	// maxPageAge is so short because another process may change a room, and this one not
	// know of it yet.
	maxPageAge = time.Second
	// maxPages is how many are kept, each about as large as PageLimit allows.
	maxPages = 32
)

func newPages(store Store, turns *fairness, html *rendering) *pages {
	cache, err := lru.New[pageKey, cachedPage](maxPages)
	if err != nil {
		panic(err) // of a size that is none
	}
	return &pages{store, turns, newFairGate(runtime.GOMAXPROCS(0)), cache, html, maxPageAge}
}

// before is as of Store, for plain text: the HTML is as it was stored.
func (p *pages) before(ctx context.Context, payer Payer, room string, seq int64, limit Limit) (Page, error) {
	if err := p.enter(ctx, payer); err != nil {
		return Page{}, err
	}
	defer p.gate.leave()
	return p.store.Before(ctx, room, seq, limit)
}

// history is a page of the messages before a seq.
func (p *pages) history(ctx context.Context, by pageReader, room string, seq int64) (Page, error) {
	if err := p.enter(ctx, by.Payer); err != nil {
		return Page{}, err
	}
	defer p.gate.leave()
	page, err := p.store.Before(ctx, room, seq, by.limit)
	return p.html.before(by.Payer, page, by.limit), err
}

// enter waits until a page may be read; then gate.leave must be called. It yields before
// and not after: whoever has read a page must not be overtaken. The error is the
// context's.
func (p *pages) enter(ctx context.Context, payer Payer) error {
	if err := p.gate.enter(ctx, payer, 0); err != nil {
		return err
	}
	p.fairness.yield()
	return nil
}

// newest is the newest page of a room. There may be older messages, but none that
// changed since.
func (p *pages) newest(ctx context.Context, by pageReader, r *room, reread bool) (Page, error) {
	return p.cachedOrRead(ctx, by, r, newestPage, reread, func() (Page, error) {
		page, err := p.store.Before(ctx, r.slug, Newest, by.limit)
		page = p.html.before(by.Payer, page, by.limit)
		page.More = false
		return page, err
	})
}

// since is what changed in a room after a rev.
func (p *pages) since(ctx context.Context, by pageReader, r *room, rev int64, reread bool) (Page, error) {
	return p.cachedOrRead(ctx, by, r, rev, reread, func() (Page, error) {
		page, err := p.store.Changes(ctx, r.slug, rev, by.limit)
		return p.html.changes(by.Payer, page, by.limit), err
	})
}

// cachedOrRead returns a page that is kept, or else reads it and, unless there is more
// after it, keeps it. Who reads again, because the room has moved on, waits for
// nobody, or it would move on once more.
func (p *pages) cachedOrRead(ctx context.Context, by pageReader, r *room, since int64, reread bool, read func() (Page, error)) (Page, error) {
	key := p.key(r, since, by.limit)
	if page, ok := p.cached(r, key); ok {
		return page, nil
	}
	if !reread {
		if err := p.enter(ctx, by.Payer); err != nil {
			return Page{}, err
		}
		defer p.gate.leave()
		if page, ok := p.cached(r, key); ok { // somebody else has read it meanwhile
			return page, nil
		}
	}
	began := time.Now()
	page, err := read()
	if err == nil && !page.More && page.Rev >= since { // or anybody could fill the cache with what never was
		p.cache.Add(key, cachedPage{page, began})
	}
	return page, err
}

func (p *pages) key(r *room, since int64, limit Limit) pageKey {
	return pageKey{r.slug, since, p.store.Epoch(), limit}
}

// cached returns the page that is kept if the room stands where it ends: then nothing
// that this process knows of has changed since. Where the room stands is known as
// long as somebody is in it.
func (p *pages) cached(r *room, key pageKey) (Page, bool) {
	rev, known := r.currentRev()
	if !known {
		return Page{}, false
	}
	page, ok := p.cache.Get(key)
	return page.Page, ok && page.Rev == rev && time.Since(page.read) < p.maxAge
}
