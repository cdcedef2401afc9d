package chat

import lru "github.com/hashicorp/golang-lru/v2"

// pages are those that were read last for somebody who joined. When a thousand come
// to one room, or come back after a restart, they get the same page, and the store
// is asked once.
type pages struct{ cache *lru.Cache[pageKey, Page] }

// pageKey is what a page was read for: a room and a rev after which, or newestPage.
type pageKey struct {
	room  string
	since int64
}

const (
	newestPage = -1
	// maxPages is how many are kept, each about as large as PageLimit allows.
	maxPages = 32
)

func newPages() *pages {
	cache, err := lru.New[pageKey, Page](maxPages)
	if err != nil {
		panic(err) // of a size that is none
	}
	return &pages{cache}
}

// read returns the page that is kept if the room stands where it ends: then nothing
// has changed since. Otherwise, or if it is not known where the room stands, it is
// read and, unless there is more after it, kept.
func (p *pages) read(r *room, since int64, read func() (Page, error)) (Page, error) {
	key := pageKey{r.slug, since}
	if rev, known := r.standing(); known {
		if page, kept := p.cache.Get(key); kept && page.Rev == rev {
			return page, nil
		}
	}
	page, err := read()
	if err == nil && !page.More {
		p.cache.Add(key, page)
	}
	return page, err
}
