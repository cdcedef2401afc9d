package request

import (
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"chatserver/chat"
)

const (
	// minBurst is the smallest number of handshakes that an address may make at once,
	// however few connections it may have.
	minBurst = 100
	// refillSeconds is the time in which all connections of an address may reconnect, for
	// example after the server restarts twice in a row.
	refillSeconds = 10
	// requestsPerHandshake is how many other requests an address may make for each
	// handshake: loading a page takes one, and choosing a name takes a few more. Pages of
	// messages have the same limit, over all connections of the address.
	requestsPerHandshake = 10
	// maxAddresses bounds the memory for allowances, about 400 bytes each. The least
	// recently seen address is evicted.
	maxAddresses = 10_000
)

// RateLimiter limits how fast an address may open connections and make requests that are
// expensive to answer. The chat limits how many connections are open at once; this limit is
// needed as well, because each connection that opens and closes causes presence events for
// its whole room.
type RateLimiter struct {
	handshakes rate.Limit
	burst      int // 0 = no limit
	allowances *lru.Cache[netip.Prefix, *allowance]
}

// allowance holds the token buckets of one network.
type allowance struct{ handshakes, requests, reads *rate.Limiter }

// NewRateLimiter derives all rates from the number of connections that an address may have;
// 0 = no limit.
func NewRateLimiter(maxPerAddress int) *RateLimiter {
	r := &RateLimiter{}
	if maxPerAddress == 0 {
		return r
	}
	r.burst = max(maxPerAddress, minBurst)
	r.handshakes = rate.Limit(r.burst) / refillSeconds
	allowances, err := lru.New[netip.Prefix, *allowance](maxAddresses)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	r.allowances = allowances
	return r
}

// AllowHandshake counts a handshake and reports whether it is within the limit.
func (r *RateLimiter) AllowHandshake(address netip.Addr) bool {
	return r.allow(address, func(a *allowance) bool { return a.handshakes.Allow() })
}

// allowRequest counts a request and reports whether it is within the limit.
func (r *RateLimiter) allowRequest(address netip.Addr) bool {
	return r.allow(address, func(a *allowance) bool { return a.requests.Allow() })
}

// ReserveRead counts a command that reads the store and returns how long it has to wait.
func (r *RateLimiter) ReserveRead(address netip.Addr) time.Duration {
	if !r.limits(address) {
		return 0
	}
	var wait time.Duration
	for _, share := range chat.Shares(address) {
		wait = max(wait, r.allowanceOf(share).reads.Reserve().Delay())
	}
	return wait
}

func (r *RateLimiter) limits(address netip.Addr) bool {
	return r.burst > 0 && chat.LimitedAddress(address)
}

// allow reports whether take succeeds on the allowance of every network that an address
// counts for.
func (r *RateLimiter) allow(address netip.Addr, take func(*allowance) bool) bool {
	if !r.limits(address) {
		return true
	}
	for _, share := range chat.Shares(address) {
		if !take(r.allowanceOf(share)) {
			return false
		}
	}
	return true
}

func (r *RateLimiter) allowanceOf(share chat.Share) *allowance {
	network, burst, perSecond := share.Network, share.Times*r.burst, rate.Limit(share.Times)*r.handshakes
	if known, ok := r.allowances.Get(network); ok {
		return known
	}
	fresh := &allowance{
		handshakes: rate.NewLimiter(perSecond, burst),
		requests:   rate.NewLimiter(requestsPerHandshake*perSecond, requestsPerHandshake*burst),
		reads:      rate.NewLimiter(requestsPerHandshake*perSecond, requestsPerHandshake*burst),
	}
	if known, ok, _ := r.allowances.PeekOrAdd(network, fresh); ok {
		return known // another request of this network was faster
	}
	return fresh
}

// LimitRequests answers 429 to clients over their request rate.
func (s *Site) LimitRequests(c *fiber.Ctx) error {
	if !s.Limiter.allowRequest(s.Address(c)) {
		return tooManyRequests()
	}
	return c.Next()
}

const reasonTooMany = "Too many requests from your address. Try again in a moment."

func tooManyRequests() error {
	return Refuse(fiber.StatusTooManyRequests, reasonTooMany)
}
