package broker

import (
	"sync"
	"time"
)

// maxAge is how old a hint may be that has no place in a room, such as that somebody is
// typing: nothing but its time tells it from one that was recorded and sent again. The
// nodes go by the clock of the database, which each knows to a second or two.
const maxAge = 30 * time.Second

// timestamps are the times that a node gives its hints: each is later than the one before.
type timestamps struct {
	node string
	now  func() time.Time

	mu   sync.Mutex // held until a hint is published: they go out in their order
	last int64
}

// next returns a stamp, in microseconds since 1970. The caller holds the lock.
func (s *timestamps) next() int64 {
	s.last = max(s.last+1, s.now().UnixMicro())
	return s.last
}

// replayGuard knows the last stamp of each node. It belongs to one goroutine.
type replayGuard struct {
	now  func() time.Time
	last map[string]int64
}

// accepts reports whether a stamp is of now, and later than all that came from its node.
func (f *replayGuard) accepts(node string, stamp int64) bool {
	now := f.now()
	if age := now.Sub(time.UnixMicro(stamp)); age > maxAge || age < -maxAge || stamp <= f.last[node] {
		return false
	}
	if _, known := f.last[node]; !known {
		for other, last := range f.last { // what is older is refused by its age
			if now.Sub(time.UnixMicro(last)) > maxAge {
				delete(f.last, other)
			}
		}
	}
	f.last[node] = stamp
	return true
}
