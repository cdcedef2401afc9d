package handlers

import (
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
	"chatserver/handlers/request"
)

// connectionRoute is the pattern of a connection's URL.
const connectionRoute = "/chat/:name?"

// quietRoutes are requested so often, by health checks or by every page, that their lines
// would bury the others. They are logged at debug level.
var quietRoutes = map[string]bool{"/healthz": true, "/static/:hash/*": true}

// reportRequest counts and logs a request under the pattern of its route, because a path may
// name a room or a user. An upgraded connection is logged when it closes.
func (s *Server) reportRequest(c *fiber.Ctx) error {
	began := time.Now()
	err := c.Next()
	if err != nil {
		if answered := c.App().ErrorHandler(c, err); answered != nil {
			return answered
		}
	}
	route := s.routeOf(c)
	if route == connectionRoute && err != nil {
		s.site.Reporter.Refused(refusalReason(err))
	}
	if c.Response().StatusCode() != fiber.StatusSwitchingProtocols {
		s.logRequest(c, route, time.Since(began))
	}
	return nil
}

// logRequest counts and logs a request that was answered.
func (s *Server) logRequest(c *fiber.Ctx, route string, took time.Duration) {
	method, status, level := methodOf(c), c.Response().StatusCode(), slog.LevelInfo
	if quietRoutes[route] {
		level = slog.LevelDebug
	}
	s.site.Reporter.Requested(method, route, strconv.Itoa(status), took)
	s.site.Reporter.Log.Log(c.Context(), level, "request", "method", method, "route", route, "status", status,
		"address", s.site.Address(c), request.DurationAttr(took))
}

// routeOf returns the pattern of a request's route without the base path, or "none". That of a
// connection also exists at the root.
func (s *Server) routeOf(c *fiber.Ctx) string {
	pattern := c.Route().Path
	if pattern == connectionRoute {
		return pattern
	}
	route := s.site.Base.Route(pattern)
	if route == "/" && c.Path() != s.site.Base.At("/") {
		return "none"
	}
	return route
}

// methodOf returns the method of a request, or "other" if no route has it: clients can make up
// any number of methods.
func methodOf(c *fiber.Ctx) string {
	if c.Route().Method == "" || c.Response().StatusCode() == fiber.StatusMethodNotAllowed {
		return "other"
	}
	return c.Method()
}

// refusalReason returns the metric label for a refused connection.
func refusalReason(err error) string {
	switch {
	case errors.Is(err, chat.ErrNameTaken):
		return "name_taken"
	case errors.Is(err, chat.ErrAddressFull):
		return reasonAddressFull
	case errors.Is(err, chat.ErrFull):
		return "full"
	case errors.Is(err, chat.ErrStopping):
		return "stopping"
	}
	switch statusFor(err) {
	case fiber.StatusForbidden:
		return "origin"
	case fiber.StatusMisdirectedRequest:
		return "host"
	case fiber.StatusUpgradeRequired:
		return "no_upgrade"
	case fiber.StatusBadRequest:
		return "bad_request"
	case fiber.StatusTooManyRequests:
		return "too_many"
	case fiber.StatusServiceUnavailable:
		return "unavailable"
	default:
		return "other"
	}
}

// reasonAddressFull is the label of refusals because of --max-per-address.
const reasonAddressFull = "address_full"

// refusalReasons are the labels that refusalReason returns.
var refusalReasons = []string{"name_taken", reasonAddressFull, "full", "stopping", "origin", "host", "no_upgrade", "bad_request", "too_many", "unavailable", "other"}
