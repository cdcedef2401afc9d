package broker

import (
	"sync"
	"time"
)

// freshFor is how old a hint may be that has no place in a room, such as that somebody is
// typing: nothing but its time tells it from one that was recorded and sent again. The
// nodes go by the clock of the database, which each knows to a second or two.
const freshFor = 30 * time.Second

// stamps are the times that a node gives its hints: each is later than the one before.
type stamps struct {
	node string
	now  func() time.Time

	mu   sync.Mutex // held until a hint is published: they go out in their order
	last int64
}

// next returns a stamp, in microseconds since 1970. The caller holds the lock.
func (s *stamps) next() int64 {
	s.last = max(s.last+1, s.now().UnixMicro())
	return s.last
}

// freshness knows the last stamp of each node. It belongs to one goroutine.
type freshness struct {
	now  func() time.Time
	last map[string]int64
}

// isNew reports whether a stamp is of now, and later than all that came from its node.
func (f *freshness) isNew(node string, stamp int64) bool {
	now := f.now()
	if age := now.Sub(time.UnixMicro(stamp)); age > freshFor || age < -freshFor || stamp <= f.last[node] {
		return false
	}
	if _, known := f.last[node]; !known {
		for other, last := range f.last { // what is older is refused by its age
			if now.Sub(time.UnixMicro(last)) > freshFor {
				delete(f.last, other)
			}
		}
	}
	f.last[node] = stamp
	return true
}
