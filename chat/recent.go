package chat

import "hash/maphash"

// recentRevs is of how many revs a room of a fleet remembers whose they were.
const recentRevs = 32

var idSeed = maphash.MakeSeed()

// recent remembers which message had each of the last revs that were delivered in a room,
// as a hash: so a message that comes for a rev which another one had is noticed.
type recent [recentRevs]struct {
	rev int64
	id  uint64
}

// note remembers the message that has a rev.
func (c *recent) note(rev int64, id string) {
	at := &c[uint64(rev)%recentRevs] //nolint:gosec // revs are not negative
	at.rev, at.id = rev, maphash.String(idSeed, id)
}

// matches reports whether the message that has a rev may be this one: it is, or nobody
// remembers.
func (c *recent) matches(rev int64, id string) bool {
	at := &c[uint64(rev)%recentRevs] //nolint:gosec // as above
	return at.rev != rev || at.id == maphash.String(idSeed, id)
}

// rememberLocked notes the message that has a rev, on a fleet: a process alone hears only what
// it stored. The caller holds the lock.
func (r *room) rememberLocked(rev int64, id string) {
	if r.hub.options.Fleet == nil {
		return
	}
	if r.recent == nil {
		r.recent = &recent{}
	}
	r.recent.note(rev, id)
}

// matchesLocked reports whether the message at a rev may be this one. The caller holds the lock.
func (r *room) matchesLocked(rev int64, id string) bool {
	return r.recent == nil || id == "" || r.recent.matches(rev, id)
}

// matchesHead reports whether the room may have been where the store is.
func (r *room) matchesHead(head Head) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.matchesLocked(head.Rev, head.ID)
}
