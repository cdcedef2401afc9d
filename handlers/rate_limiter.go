package handlers

import (
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"chatserver/chat"
)

const (
	// minBurst is how many handshakes an address may make at once at least, however
	// few connections it may have.
	minBurst = 100
	// refillSeconds is within how many seconds all its connections may come anew: after
	// a restart of the server, and after another.
	refillSeconds = 10
	// requestsPerHandshake is how many other requests an address may make for each
	// handshake: a page is one, and asks some more while somebody chooses a name. As
	// many pages of messages may be asked for on all its connections together.
	requestsPerHandshake = 10
	// maxAddresses bounds what is remembered: of the address not seen for longest
	// nothing is, about 400 bytes each.
	maxAddresses = 10_000
)

// rateLimiter bounds how fast one address may open connections and ask for what costs
// something to make. How many it may have open is counted by the chat; but each
// that comes and goes is told to everybody in its room.
type rateLimiter struct {
	handshakes rate.Limit
	burst      int // 0 = no limit
	allowances *lru.Cache[netip.Prefix, *allowance]
}

// allowance is what one address may still do.
type allowance struct{ handshakes, requests, reads *rate.Limiter }

// newRateLimiter goes by how many connections an address may have; 0 = no limit.
func newRateLimiter(maxPerAddress int) *rateLimiter {
	r := &rateLimiter{}
	if maxPerAddress == 0 {
		return r
	}
	r.burst = max(maxPerAddress, minBurst)
	r.handshakes = rate.Limit(r.burst) / refillSeconds
	known, err := lru.New[netip.Prefix, *allowance](maxAddresses)
	if err != nil {
		panic(err) // of a size that is none
	}
	r.allowances = known
	return r
}

// allowHandshake counts a handshake, or reports that it is one too many.
func (r *rateLimiter) allowHandshake(address netip.Addr) bool {
	return r.allow(address, func(a *allowance) bool { return a.handshakes.Allow() })
}

// allowRequest counts any request, or reports that it is one too many.
func (r *rateLimiter) allowRequest(address netip.Addr) bool {
	return r.allow(address, func(a *allowance) bool { return a.requests.Allow() })
}

// reserveRead counts a command that reads the store, and returns how long it has to wait.
func (r *rateLimiter) reserveRead(address netip.Addr) time.Duration {
	if !r.limits(address) {
		return 0
	}
	var wait time.Duration
	for _, share := range chat.Shares(address) {
		wait = max(wait, r.allowanceOf(share).reads.Reserve().Delay())
	}
	return wait
}

func (r *rateLimiter) limits(address netip.Addr) bool {
	return r.burst > 0 && chat.LimitedAddress(address)
}

// allow reports whether every network of an address may do what takes from its allowance.
func (r *rateLimiter) allow(address netip.Addr, take func(*allowance) bool) bool {
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

func (r *rateLimiter) allowanceOf(share chat.Share) *allowance {
	network, burst, visits := share.Network, share.Times*r.burst, rate.Limit(share.Times)*r.handshakes
	if known, ok := r.allowances.Get(network); ok {
		return known
	}
	fresh := &allowance{
		handshakes: rate.NewLimiter(visits, burst),
		requests:   rate.NewLimiter(requestsPerHandshake*visits, requestsPerHandshake*burst),
		reads:      rate.NewLimiter(requestsPerHandshake*visits, requestsPerHandshake*burst),
	}
	if known, ok, _ := r.allowances.PeekOrAdd(network, fresh); ok {
		return known // somebody else of this network came at the same moment
	}
	return fresh
}

// limitRequests refuses the requests of who makes too many.
func (s *Server) limitRequests(c *fiber.Ctx) error {
	if !s.limiter.allowRequest(s.address(c)) {
		return tooManyRequests()
	}
	return c.Next()
}

func tooManyRequests() error {
	return refuse(fiber.StatusTooManyRequests, reasonTooMany)
}
