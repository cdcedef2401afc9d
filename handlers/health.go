package handlers

import (
	"context"
	"fmt"
	"net/http"
	"net/http/pprof"
	"runtime"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"chatserver/chat"
)

const (
	// checkTimeout bounds how long a health check waits for the store.
	checkTimeout = 2 * time.Second
	// checkEvery is how long an answer of the store stands: asking takes the
	// store's write lock, and everybody may ask as often as they like.
	checkEvery = time.Second
)

// readiness is what was found out last.
type readiness struct {
	mu  sync.Mutex
	at  time.Time
	err error
}

// healthz says "ok" to load balancers, or 503 and why not.
func (s *Server) healthz(c *fiber.Ctx) error { return s.readyz(c) }

// livez: the process answers. A chat that cannot store would not be helped by a
// restart.
func (s *Server) livez(c *fiber.Ctx) error { return c.SendString("ok\n") }

// readyz: newcomers are welcome and can be served.
func (s *Server) readyz(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	if err := s.ready(); err != nil {
		return refuse(fiber.StatusServiceUnavailable, "The chat cannot serve at the moment: see its log.")
	}
	return c.SendString("ok\n")
}

// readyzVerbose tells operators part by part with ?verbose: whether newcomers are
// welcome, and whether the store can be written to, which one that is not migrated
// never can.
func (s *Server) readyzVerbose(c *fiber.Ctx) error {
	if !c.Context().QueryArgs().Has("verbose") {
		return s.readyz(c)
	}
	err := s.ready()
	part := func(name string, err error) string {
		if err != nil {
			return fmt.Sprintf("[-] %s: %v\n", name, err)
		}
		return fmt.Sprintf("[+] %s ok\n", name)
	}
	var stopping error
	if s.chat.Stopping() {
		stopping = chat.ErrStopping
		err = nil // the store was not asked
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	if stopping != nil || err != nil {
		c.Status(fiber.StatusServiceUnavailable)
	}
	return c.SendString(part("newcomers", stopping) + part("store", err))
}

func (s *Server) ready() error {
	r := &s.readiness
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.chat.Stopping() {
		return chat.ErrStopping
	}
	if time.Since(r.at) < checkEvery {
		return r.err
	}
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	r.err = s.chat.Ready(ctx)
	r.at = time.Now()
	if r.err != nil {
		s.log.Warn("not ready", "error", r.err)
	}
	return r.err
}

// version tells what runs.
func (s *Server) version(c *fiber.Ctx) error {
	return c.JSON(map[string]string{"version": s.options.Version, "commit": s.options.Commit, "built": s.options.Built, "go": runtime.Version()})
}

// profiles serves the runtime's profiles.
func profiles() fiber.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return adaptor.HTTPHandler(mux)
}
