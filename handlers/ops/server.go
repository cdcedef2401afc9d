// Package ops serves the admin listener: health checks, profiles, the version, and what
// chatserver doctor asks for.
package ops

import (
	"runtime"

	"github.com/gofiber/fiber/v2"

	"chatserver/handlers/request"
)

// Server serves the admin listener.
type Server struct {
	*request.Site
	options   Options
	readiness readiness
	probes    requestProbes
}

// Options are the settings of ops.
type Options struct {
	Version, Commit, Built string
	DiskTrouble            func() string // what is wrong with the disk of the database; nil, or returns "", if nothing is
	MemoryHigh             func() bool   // whether new connections are refused for lack of memory
}

// New returns the admin routes of a site.
func New(site *request.Site, options Options) *Server { return &Server{Site: site, options: options} }

// Version returns the version of the program and of Go.
func (s *Server) Version(c *fiber.Ctx) error {
	return c.JSON(map[string]string{"version": s.options.Version, "commit": s.options.Commit, "built": s.options.Built, "go": runtime.Version()})
}
