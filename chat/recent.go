package chat

import "hash/maphash"

// recentRevs is the number of revs for which a room of a fleet remembers the message ids.
const recentRevs = 32

var idSeed = maphash.MakeSeed()

// recent holds hashes of the ids of the last messages delivered in a room, by rev. It
// detects a second, different message for the same rev.
type recent [recentRevs]struct {
	rev int64
	id  uint64
}

// note records the message with a rev.
func (c *recent) note(rev int64, id string) {
	at := &c[uint64(rev)%recentRevs] //nolint:gosec // revs are not negative
	at.rev, at.id = rev, maphash.String(idSeed, id)
}

// matches reports whether a message may be the one that was delivered with the rev; it is
// also true if that is no longer recorded.
func (c *recent) matches(rev int64, id string) bool {
	at := &c[uint64(rev)%recentRevs] //nolint:gosec // as above
	return at.rev != rev || at.id == maphash.String(idSeed, id)
}

// rememberLocked records the message with a rev, on a fleet only: a single process delivers
// only what it stored itself. The caller holds the lock.
func (r *room) rememberLocked(rev int64, id string) {
	if r.hub.options.Fleet == nil {
		return
	}
	if r.recent == nil {
		r.recent = &recent{}
	}
	r.recent.note(rev, id)
}

// matchesLocked reports whether a message may be the one delivered with the rev. The caller
// holds the lock.
func (r *room) matchesLocked(rev int64, id string) bool {
	return r.recent == nil || id == "" || r.recent.matches(rev, id)
}

// matchesHead reports whether the room may be consistent with the store's head.
func (r *room) matchesHead(head Head) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.matchesLocked(head.Rev, head.ID)
}
