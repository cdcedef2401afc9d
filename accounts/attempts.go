package accounts

import (
	"errors"
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"chatserver/chat"
)

const (
	// maxAttempts is how many wrong passwords an account, and a network, may have in
	// attemptsWindow. More are refused without looking at them, and never for longer.
	maxAttempts    = 10
	attemptsWindow = 3 * time.Minute
	// maxCounted bounds the memory for the counts, about 200 bytes each. The least recently
	// used one is forgotten.
	maxCounted = 20_000
)

// ErrTooManyAttempts: the account or the address had too many wrong passwords.
var ErrTooManyAttempts = errors.New("too many wrong passwords: try again in three minutes")

// attempts counts wrong passwords.
type attempts struct {
	now    func() time.Time
	mu     sync.Mutex
	counts *lru.Cache[attemptKey, attemptCount]
}

// attemptKey is a name's skeleton or a network.
type attemptKey struct {
	skeleton string
	network  netip.Prefix
}

type attemptCount struct {
	n     int
	since time.Time
}

func newAttempts(now func() time.Time) *attempts {
	counts, err := lru.New[attemptKey, attemptCount](maxCounted)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &attempts{now: now, counts: counts}
}

// limitedBy returns what an attempt counts for, each with its limit. A machine's own addresses
// are not limited: a proxy on it may stand for everyone.
func limitedBy(skeleton string, address netip.Addr) map[attemptKey]int {
	limits := map[attemptKey]int{{skeleton: skeleton}: maxAttempts}
	if chat.LimitedAddress(address) {
		for _, share := range chat.Shares(address) {
			limits[attemptKey{network: share.Network}] = maxAttempts * share.Times
		}
	}
	return limits
}

// begin counts an attempt, or returns ErrTooManyAttempts. It is counted before the password is
// looked at, so that many at once are limited as well; takeBack undoes it.
func (a *attempts) begin(limits map[attemptKey]int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for key, limit := range limits {
		if a.countLocked(key).n >= limit {
			return ErrTooManyAttempts
		}
	}
	a.addLocked(limits, 1)
	return nil
}

// takeBack undoes the count of an attempt that was not wrong.
func (a *attempts) takeBack(limits map[attemptKey]int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.addLocked(limits, -1)
}

func (a *attempts) addLocked(limits map[attemptKey]int, more int) {
	for key := range limits {
		count := a.countLocked(key)
		count.n = max(0, count.n+more)
		a.counts.Add(key, count)
	}
}

// countLocked returns the count of a key in the window that runs.
func (a *attempts) countLocked(key attemptKey) attemptCount {
	count, known := a.counts.Get(key)
	if now := a.now(); !known || now.Sub(count.since) >= attemptsWindow || now.Before(count.since) {
		return attemptCount{since: now}
	}
	return count
}
