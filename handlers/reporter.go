package handlers

import (
	"errors"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
	"chatserver/telemetry"
)

// reporter is where is told what happens: what is counted, and the log.
type reporter struct {
	*telemetry.Telemetry
	log *slog.Logger
}

// connectionRoute is the pattern of a connection's URL.
const connectionRoute = "/chat/:name?"

// quietRoutes are asked so often by programs, or with every page, that their lines
// would hide the others: they are logged on the level of debugging.
var quietRoutes = map[string]bool{"/healthz": true, "/static/:hash/*": true}

// reportRequest counts and logs a request by the pattern of its route: a path may name a
// room or a person. A request that becomes a connection has its line when that ends.
func (s *Server) reportRequest(c *fiber.Ctx) error {
	began := time.Now()
	err := c.Next()
	if err != nil {
		if answered := c.App().ErrorHandler(c, err); answered != nil {
			return answered
		}
	}
	status, route := c.Response().StatusCode(), s.base.route(c.Route().Path)
	if status == fiber.StatusSwitchingProtocols {
		return nil
	}
	if route == connectionRoute && err != nil {
		s.reporter.Refused(refusalReason(err))
	}
	if route == "/" && c.Path() != s.base.at("/") {
		route = "none"
	}
	method := c.Method()
	if c.Route().Method == "" || status == fiber.StatusMethodNotAllowed {
		method = "other" // of these there may be any number
	}
	took := time.Since(began)
	s.reporter.Requested(method, route, strconv.Itoa(status), took)
	level := slog.LevelInfo
	if quietRoutes[route] {
		level = slog.LevelDebug
	}
	s.log.Log(c.Context(), level, "request", "method", method, "route", route, "status", status,
		"address", s.address(c), durationAttr(took))
	return nil
}

// durationAttr is a duration as the log has it: a number in every format, in milliseconds.
func durationAttr(d time.Duration) slog.Attr {
	return slog.Float64("ms", float64(d.Round(time.Microsecond))/float64(time.Millisecond))
}

// refusalReason names why a connection was refused.
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

// reasonAddressFull is the reason of a refusal for --max-per-address.
const reasonAddressFull = "address_full"

// refusalReasons are the names of refusalOf.
var refusalReasons = []string{"name_taken", reasonAddressFull, "full", "stopping", "origin", "host", "no_upgrade", "bad_request", "too_many", "unavailable", "other"}

// otherEndReasons are the names of endingOf that are not of ours.
var otherEndReasons = []string{"goodbye", "refused", "failed", "gone"}

// endReasons name why connections end, by what we say.
var endReasons = map[chat.Close]string{
	chat.CloseGoingAway: "going_away", chat.CloseProtocol: "protocol", chat.CloseBinary: "binary", chat.CloseNotText: "not_text", chat.CloseControl: "control",
	chat.ClosePolicy: "policy", chat.CloseTooBig: "too_big", chat.CloseNotStored: "not_stored",
	chat.CloseShortOnly: "not_stored", chat.CloseNoNewRooms: "not_stored", chat.CloseInternal: "internal",
	chat.CloseTooSlow: "too_slow", chat.CloseUnresponsive: "unresponsive",
}

// endReason names why a connection ended, by the close frame that was sent first (RFC 6455
// §7.1.5), else by what was found. oursFirst is whether we had sent one when the connection ended
// with err: a close frame that comes then is the answer to it.
func (c *connection) endReason(err error, oursFirst bool) string {
	var byPeer closedByPeer
	if errors.As(err, &byPeer) && !oursFirst {
		return "goodbye"
	}
	c.socketWriter.mu.Lock()
	goodbye := c.closeFrame
	c.socketWriter.mu.Unlock()
	if goodbye != nil {
		if name, ours := endReasons[*goodbye]; ours {
			return name
		}
		return "refused"
	}
	if errors.Is(err, net.ErrClosed) {
		return "failed"
	}
	return "gone"
}
