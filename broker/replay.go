package broker

import (
	"sync"
	"time"
)

// maxAge is the maximum age of a hint that has no place in a room, such as a typing
// event. Only its time distinguishes it from a recorded one that is sent again. Nodes use
// the database's clock, which each knows to within a second or two.
const maxAge = 30 * time.Second

// timestamps generates the strictly increasing timestamps of a node's hints.
type timestamps struct {
	node string
	now  func() time.Time

	mu   sync.Mutex // held until the hint is published, so that hints leave in order
	last int64
}

// next returns a timestamp in microseconds since 1970. The caller holds the lock.
func (s *timestamps) next() int64 {
	s.last = max(s.last+1, s.now().UnixMicro())
	return s.last
}

// replayGuard rejects old and repeated hints. It keeps the latest timestamp of each node.
// It belongs to one goroutine.
type replayGuard struct {
	now  func() time.Time
	last map[string]int64
}

// accepts reports whether a timestamp is recent and later than all earlier ones of its
// node.
func (f *replayGuard) accepts(node string, stamp int64) bool {
	now := f.now()
	if age := now.Sub(time.UnixMicro(stamp)); age > maxAge || age < -maxAge || stamp <= f.last[node] {
		return false
	}
	if _, known := f.last[node]; !known {
		for other, last := range f.last { // older hints are rejected by their age alone
			if now.Sub(time.UnixMicro(last)) > maxAge {
				delete(f.last, other)
			}
		}
	}
	f.last[node] = stamp
	return true
}
