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

// HeaderProbe carries the token of a request of which an operator will ask how the
// server saw it.
const HeaderProbe = "Chatserver-Seen"

const (
	// probeTTL is how long a token counts, and maxSeen how many there are at once.
	probeTTL  = time.Minute
	maxProbes = 16
)

// RequestEcho is how the server saw a request: chatserver doctor asks, to find out what a
// proxy in front makes of one.
type RequestEcho struct {
	Remote         string         `json:"remote"`          // the other end of its connection, with the port
	Address        string         `json:"address"`         // that it is counted by
	Scheme         string         `json:"scheme"`          // of the URL in the visitor's browser
	Host           string         `json:"host"`            // that was asked for
	ForwardedFor   []string       `json:"forwarded_for"`   // of X-Forwarded-For, as it came
	ForwardedProto string         `json:"forwarded_proto"` // of X-Forwarded-Proto, as it came
	TrustedProxies []netip.Prefix `json:"trusted_proxies"` // the setting
}

// requestProbes keeps how the server saw the few requests that an operator asks about. The
// public port tells nobody what it saw, since that would show the addresses inside: a
// token is made on the operators' port, one request that carries it is kept, and only
// the operators' port tells it, once.
type requestProbes struct {
	pending atomic.Int32 // tokens: without any a request costs one look here
	mu      sync.Mutex
	byToken map[string]*requestProbe
}

type requestProbe struct {
	expires time.Time
	echo    *RequestEcho // nil until the request came
}

// create makes a token. Those that do not count any more go, and of too many the oldest.
func (l *requestProbes) create() string {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byToken == nil {
		l.byToken = map[string]*requestProbe{}
	}
	oldest := ""
	for token, s := range l.byToken {
		if now.After(s.expires) {
			delete(l.byToken, token)
		} else if oldest == "" || s.expires.Before(l.byToken[oldest].expires) {
			oldest = token
		}
	}
	if len(l.byToken) >= maxProbes {
		delete(l.byToken, oldest)
	}
	token := rand.Text()
	l.byToken[token] = &requestProbe{expires: now.Add(probeTTL)}
	l.pending.Store(int32(len(l.byToken))) //nolint:gosec // at most maxSeen
	return token
}

// record keeps a request, if it carries a token that counts and is the first to.
func (l *requestProbes) record(token string, see func() *RequestEcho) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.byToken[token]; s != nil && s.echo == nil && time.Now().Before(s.expires) {
		s.echo = see()
	}
}

// take is what was kept, and whether the token counts. It does not any more once
// something was told.
func (l *requestProbes) take(token string) (seen *RequestEcho, counts bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.byToken[token]
	if s == nil || time.Now().After(s.expires) {
		return nil, false
	}
	if s.echo != nil {
		delete(l.byToken, token)
		l.pending.Store(int32(len(l.byToken))) //nolint:gosec // at most maxSeen
	}
	return s.echo, true
}

// recordProbe keeps how a request of the public port looks, if an operator asked for it.
func (s *Server) recordProbe(c *fiber.Ctx) error {
	if s.probes.pending.Load() > 0 {
		if token := c.Get(HeaderProbe); token != "" {
			s.probes.record(token, func() *RequestEcho { return s.echo(c) })
		}
	}
	return c.Next()
}

func (s *Server) echo(c *fiber.Ctx) *RequestEcho {
	return &RequestEcho{
		Remote: c.Context().RemoteAddr().String(), Address: s.address(c).String(), Scheme: s.scheme(c),
		Host: string(c.Context().Host()), ForwardedFor: forwardedFor(c), ForwardedProto: strings.Clone(c.Get(fiber.HeaderXForwardedProto)),
		TrustedProxies: s.options.TrustedProxies,
	}
}

// createProbe gives an operator a token.
func (s *Server) createProbe(c *fiber.Ctx) error {
	return c.Status(fiber.StatusCreated).SendString(s.probes.create() + "\n")
}

// probeResult tells an operator how the request with a token looked: 404 for a token that does
// not count, 204 before the request came.
func (s *Server) probeResult(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	seen, counts := s.probes.take(c.Params("token"))
	switch {
	case !counts:
		return fiber.ErrNotFound
	case seen == nil:
		return c.SendStatus(fiber.StatusNoContent)
	}
	return c.JSON(seen)
}
