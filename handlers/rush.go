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
	// leastRush is how many handshakes an address may make at once at least, however
	// few connections it may have.
	leastRush = 100
	// rushRefill is within how many seconds all its connections may come anew: after
	// a restart of the server, and after another.
	rushRefill = 10
	// requestsPerVisit is how many other requests an address may make for each
	// handshake: a page is one, and asks some more while somebody chooses a name. As
	// many pages of messages may be asked for on all its connections together.
	requestsPerVisit = 10
	// maxAddresses bounds what is remembered: of the address not seen for longest
	// nothing is, about 400 bytes each.
	maxAddresses = 10_000
)

// rush bounds how fast one address may open connections and ask for what costs
// something to make. How many it may have open is counted by the chat; but each
// that comes and goes is told to everybody in its room.
type rush struct {
	visits rate.Limit
	burst  int // 0 = no limit
	known  *lru.Cache[netip.Prefix, *allowance]
}

// allowance is what one address may still do.
type allowance struct{ visits, requests, reads *rate.Limiter }

// newRush goes by how many connections an address may have; 0 = no limit.
func newRush(maxPerAddress int) *rush {
	r := &rush{}
	if maxPerAddress == 0 {
		return r
	}
	r.burst = max(maxPerAddress, leastRush)
	r.visits = rate.Limit(r.burst) / rushRefill
	known, err := lru.New[netip.Prefix, *allowance](maxAddresses)
	if err != nil {
		panic(err) // of a size that is none
	}
	r.known = known
	return r
}

// mayVisit counts a handshake, or reports that it is one too many.
func (r *rush) mayVisit(address netip.Addr) bool {
	return r.all(address, func(a *allowance) bool { return a.visits.Allow() })
}

// mayAsk counts any request, or reports that it is one too many.
func (r *rush) mayAsk(address netip.Addr) bool {
	return r.all(address, func(a *allowance) bool { return a.requests.Allow() })
}

// mayReadIn counts a command that reads the store, and returns how long it has to wait.
func (r *rush) mayReadIn(address netip.Addr) time.Duration {
	if !r.limits(address) {
		return 0
	}
	var wait time.Duration
	for _, share := range chat.Shares(address) {
		wait = max(wait, r.of(share).reads.Reserve().Delay())
	}
	return wait
}

func (r *rush) limits(address netip.Addr) bool { return r.burst > 0 && chat.LimitedAddress(address) }

// all reports whether every network of an address may do what takes from its allowance.
func (r *rush) all(address netip.Addr, take func(*allowance) bool) bool {
	if !r.limits(address) {
		return true
	}
	for _, share := range chat.Shares(address) {
		if !take(r.of(share)) {
			return false
		}
	}
	return true
}

func (r *rush) of(share chat.Share) *allowance {
	network, burst, visits := share.Network, share.Times*r.burst, rate.Limit(share.Times)*r.visits
	if known, ok := r.known.Get(network); ok {
		return known
	}
	fresh := &allowance{
		visits:   rate.NewLimiter(visits, burst),
		requests: rate.NewLimiter(requestsPerVisit*visits, requestsPerVisit*burst),
		reads:    rate.NewLimiter(requestsPerVisit*visits, requestsPerVisit*burst),
	}
	if known, ok, _ := r.known.PeekOrAdd(network, fresh); ok {
		return known // somebody else of this network came at the same moment
	}
	return fresh
}

// unhurried refuses the requests of who makes too many.
func (s *Server) unhurried(c *fiber.Ctx) error {
	if !s.rush.mayAsk(s.address(c)) {
		return tooManyRequests()
	}
	return c.Next()
}

func tooManyRequests() error {
	return refuse(fiber.StatusTooManyRequests, reasonTooMany)
}
