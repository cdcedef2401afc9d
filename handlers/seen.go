package handlers

import (
	"crypto/rand"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
)

// HeaderSeen carries the token of a request of which an operator will ask how the
// server saw it.
const HeaderSeen = "Chatserver-Seen"

const (
	// seenFor is how long a token counts, and maxSeen how many there are at once.
	seenFor = time.Minute
	maxSeen = 16
)

// Seen is how the server saw a request: chatserver doctor asks, to find out what a
// proxy in front makes of one.
type Seen struct {
	Remote         string         `json:"remote"`          // the other end of its connection, with the port
	Address        string         `json:"address"`         // that it is counted by
	Scheme         string         `json:"scheme"`          // of the URL in the visitor's browser
	Host           string         `json:"host"`            // that was asked for
	ForwardedFor   []string       `json:"forwarded_for"`   // of X-Forwarded-For, as it came
	ForwardedProto string         `json:"forwarded_proto"` // of X-Forwarded-Proto, as it came
	TrustedProxies []netip.Prefix `json:"trusted_proxies"` // the setting
}

// lookout keeps how the server saw the few requests that an operator asks about. The
// public port tells nobody what it saw, since that would show the addresses inside: a
// token is made on the operators' port, one request that carries it is kept, and only
// the operators' port tells it, once.
type lookout struct {
	waiting atomic.Int32 // tokens: without any a request costs one look here
	mu      sync.Mutex
	tokens  map[string]*sighting
}

type sighting struct {
	until time.Time
	seen  *Seen // nil until the request came
}

// expect makes a token. Those that do not count any more go, and of too many the oldest.
func (l *lookout) expect() string {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tokens == nil {
		l.tokens = map[string]*sighting{}
	}
	oldest := ""
	for token, s := range l.tokens {
		if now.After(s.until) {
			delete(l.tokens, token)
		} else if oldest == "" || s.until.Before(l.tokens[oldest].until) {
			oldest = token
		}
	}
	if len(l.tokens) >= maxSeen {
		delete(l.tokens, oldest)
	}
	token := rand.Text()
	l.tokens[token] = &sighting{until: now.Add(seenFor)}
	l.waiting.Store(int32(len(l.tokens))) //nolint:gosec // at most maxSeen
	return token
}

// note keeps a request, if it carries a token that counts and is the first to.
func (l *lookout) note(token string, see func() *Seen) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.tokens[token]; s != nil && s.seen == nil && time.Now().Before(s.until) {
		s.seen = see()
	}
}

// tell is what was kept, and whether the token counts. It does not any more once
// something was told.
func (l *lookout) tell(token string) (seen *Seen, counts bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.tokens[token]
	if s == nil || time.Now().After(s.until) {
		return nil, false
	}
	if s.seen != nil {
		delete(l.tokens, token)
		l.waiting.Store(int32(len(l.tokens))) //nolint:gosec // at most maxSeen
	}
	return s.seen, true
}

// noteSeen keeps how a request of the public port looks, if an operator asked for it.
func (s *Server) noteSeen(c *fiber.Ctx) error {
	if s.lookout.waiting.Load() > 0 {
		if token := c.Get(HeaderSeen); token != "" {
			s.lookout.note(token, func() *Seen { return s.see(c) })
		}
	}
	return c.Next()
}

func (s *Server) see(c *fiber.Ctx) *Seen {
	return &Seen{
		Remote: c.Context().RemoteAddr().String(), Address: s.address(c).String(), Scheme: s.scheme(c),
		Host: string(c.Context().Host()), ForwardedFor: forwardedFor(c), ForwardedProto: strings.Clone(c.Get(fiber.HeaderXForwardedProto)),
		TrustedProxies: s.options.TrustedProxies,
	}
}

// expectSeen gives an operator a token.
func (s *Server) expectSeen(c *fiber.Ctx) error {
	return c.Status(fiber.StatusCreated).SendString(s.lookout.expect() + "\n")
}

// seen tells an operator how the request with a token looked: 404 for a token that does
// not count, 204 before the request came.
func (s *Server) seen(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	seen, counts := s.lookout.tell(c.Params("token"))
	switch {
	case !counts:
		return fiber.ErrNotFound
	case seen == nil:
		return c.SendStatus(fiber.StatusNoContent)
	}
	return c.JSON(seen)
}
