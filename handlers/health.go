package handlers

import (
	"context"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
)

// checkTimeout bounds how long a health check waits for the store.
const checkTimeout = 2 * time.Second

// healthz says "ok" to load balancers, or 503 and why not.
func (s *Server) healthz(c *fiber.Ctx) error { return s.readyz(c) }

// livez: the process answers. A chat that cannot store would not be helped by a
// restart.
func (s *Server) livez(c *fiber.Ctx) error { return c.SendString("ok\n") }

// readyz: newcomers are welcome and can be served.
func (s *Server) readyz(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	c.Set(fiber.HeaderCacheControl, "no-store")
	if err := s.chat.Ready(ctx); err != nil {
		s.log.Warn("not ready", "error", err)
		return refuse(fiber.StatusServiceUnavailable, "The chat cannot serve at the moment: see its log.")
	}
	return c.SendString("ok\n")
}

func (s *Server) version(c *fiber.Ctx) error { return c.SendString(s.options.Version + "\n") }

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
