package ops

import (
	"crypto/rand"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"chatserver/handlers/request"
)

// HeaderProbe is the request header with the token of a probe. An operator creates the
// token, sends a request with it through the proxies, and then reads how the server saw that
// request.
const HeaderProbe = "Chatserver-Seen"

const (
	// probeTTL is how long a token is valid, and maxProbes how many tokens are valid at
	// once.
	probeTTL  = time.Minute
	maxProbes = 16
)

// RequestEcho is a request as the server saw it. chatserver doctor uses it to find out what
// a proxy in front changes.
type RequestEcho struct {
	Remote         string         `json:"remote"`          // the peer of its connection, with the port
	Address        string         `json:"address"`         // the address that it is counted under
	Scheme         string         `json:"scheme"`          // of the URL in the visitor's browser
	Host           string         `json:"host"`            // the requested host
	ForwardedFor   []string       `json:"forwarded_for"`   // X-Forwarded-For, as it arrived
	ForwardedProto string         `json:"forwarded_proto"` // X-Forwarded-Proto, as it arrived
	TrustedProxies []netip.Prefix `json:"trusted_proxies"` // the setting
}

// requestProbes records how the server saw the few requests that an operator probes. The
// public port never returns this, since it would reveal internal addresses: the admin
// listener issues a token, the first request with that token is recorded, and only the admin
// listener returns the record, once.
type requestProbes struct {
	pending atomic.Int32 // number of valid tokens; while there are none, a request costs one load
	mu      sync.Mutex
	byToken map[string]*requestProbe
}

type requestProbe struct {
	expires time.Time
	echo    *RequestEcho // nil until the request arrives
}

// create returns a new token. It deletes expired tokens, and the oldest one if there are too
// many.
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
	l.pending.Store(int32(len(l.byToken))) //nolint:gosec // at most maxProbes
	return token
}

// record keeps the request if its token is valid and was not used before.
func (l *requestProbes) record(token string, see func() *RequestEcho) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.byToken[token]; s != nil && s.echo == nil && time.Now().Before(s.expires) {
		s.echo = see()
	}
}

// take returns the recorded request, nil if none has arrived, and whether the token is
// valid. A token becomes invalid when its request is returned.
func (l *requestProbes) take(token string) (seen *RequestEcho, counts bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.byToken[token]
	if s == nil || time.Now().After(s.expires) {
		return nil, false
	}
	if s.echo != nil {
		delete(l.byToken, token)
		l.pending.Store(int32(len(l.byToken))) //nolint:gosec // at most maxProbes
	}
	return s.echo, true
}

// RecordProbe records a request to the public port if it carries the token of a probe.
func (s *Server) RecordProbe(c *fiber.Ctx) error {
	if s.probes.pending.Load() > 0 {
		if token := c.Get(HeaderProbe); token != "" {
			s.probes.record(token, func() *RequestEcho { return s.echo(c) })
		}
	}
	return c.Next()
}

func (s *Server) echo(c *fiber.Ctx) *RequestEcho {
	return &RequestEcho{
		Remote: c.Context().RemoteAddr().String(), Address: s.Address(c).String(), Scheme: s.Scheme(c),
		Host: string(c.Context().Host()), ForwardedFor: request.ForwardedFor(c), ForwardedProto: strings.Clone(c.Get(fiber.HeaderXForwardedProto)),
		TrustedProxies: s.TrustedProxies,
	}
}

// CreateProbe returns a token to an operator.
func (s *Server) CreateProbe(c *fiber.Ctx) error {
	return c.Status(fiber.StatusCreated).SendString(s.probes.create() + "\n")
}

// ProbeResult returns how the server saw the request with a token: 404 for an invalid token,
// 204 if the request has not arrived yet.
func (s *Server) ProbeResult(c *fiber.Ctx) error {
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
