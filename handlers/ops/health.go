package ops

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
	"chatserver/handlers/request"
)

const (
	// checkTimeout bounds how long a health check waits for the store.
	checkTimeout = 2 * time.Second
	// readyTTL is how long a result of the store is reused: the check takes the store's
	// write lock, and anybody may request it at any rate.
	readyTTL = time.Second
)

const reasonNotReady = "The chat is temporarily unavailable: see the server's log."

// readiness caches the latest result of the store's check.
type readiness struct {
	mu  sync.Mutex
	at  time.Time
	err error
}

// Healthz is readyz under the name that most load balancers expect.
func (s *Server) Healthz(c *fiber.Ctx) error { return s.readyz(c) }

// Livez reports that the process responds. It does not check the store, because a restart
// would not repair that.
func (s *Server) Livez(c *fiber.Ctx) error { return c.SendString("ok\n") }

// readyz reports whether new connections are accepted and can be served: "ok", or 503 with
// the reason.
func (s *Server) readyz(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	if err := s.readyNow().err(); err != nil {
		return request.Refuse(fiber.StatusServiceUnavailable, reasonNotReady)
	}
	return c.SendString("ok\n")
}

// ReadyzVerbose reports each part to operators with ?verbose: whether new connections are
// accepted, whether there is memory for them, and whether the store can be written to, which
// fails until the database is migrated. A node also reports NATS, and is ready without it.
func (s *Server) ReadyzVerbose(c *fiber.Ctx) error {
	if !c.Context().QueryArgs().Has("verbose") {
		return s.readyz(c)
	}
	part := func(name string, err error) string {
		if err != nil {
			return fmt.Sprintf("[-] %s: %v\n", name, err)
		}
		return fmt.Sprintf("[+] %s ok\n", name)
	}
	r := s.readyNow()
	c.Set(fiber.HeaderCacheControl, "no-store")
	if r.err() != nil {
		c.Status(fiber.StatusServiceUnavailable)
	}
	return c.SendString(part("newcomers", r.newcomers) + part("memory", r.memory) + part("store", r.store) + s.diskPart() + s.natsPart())
}

// diskPart returns a warning while the disk is filling up, or "". It does not affect
// readiness: people can still read, and write short messages.
func (s *Server) diskPart() string {
	if s.options.DiskTrouble == nil || s.options.DiskTrouble() == "" {
		return ""
	}
	return fmt.Sprintf("[!] disk: %s\n", s.options.DiskTrouble())
}

// natsPart returns the line about NATS, or "" if the server does not use it.
func (s *Server) natsPart() string {
	fleet := s.Chat.Stats().Fleet
	switch {
	case fleet == nil || fleet.Broker == nil:
		return ""
	case fleet.Broker.DisconnectedSince.IsZero():
		return "[+] nats ok\n"
	default:
		return fmt.Sprintf("[!] nats: gone since %s, messages of other nodes come up to 2 s late\n", fleet.Broker.DisconnectedSince.UTC().Format(time.RFC3339))
	}
}

// readyParts holds the reasons why the server is not ready; nil means that the part is
// healthy.
type readyParts struct{ newcomers, memory, store error }

func (p readyParts) err() error { return errors.Join(p.newcomers, p.memory, p.store) }

// errMemory means that new connections are refused; see memoryPressure.
var errMemory = errors.New("memory is short")

// readyNow checks all parts. It does not check the store while the server stops.
func (s *Server) readyNow() (p readyParts) {
	if s.options.MemoryHigh() {
		p.memory = errMemory
	}
	r := &s.readiness
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.Chat.Stopping() {
		p.newcomers = chat.ErrStopping
		return p
	}
	if time.Since(r.at) >= readyTTL {
		ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
		defer cancel()
		r.err = s.Chat.Ready(ctx)
		r.at = time.Now()
		if r.err != nil {
			s.Reporter.Log.Warn("not ready", "error", r.err)
		}
	}
	p.store = r.err
	return p
}
