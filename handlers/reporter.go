package handlers

import (
	"errors"
	"log/slog"
	"net"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"chatserver/chat"
	"chatserver/telemetry"
	"chatserver/ws"
)

// reporter sends events to the metrics and the log.
type reporter struct {
	*telemetry.Telemetry
	log *slog.Logger
}

// FlushPanicked implements ws.WriterMetrics.
func (r *reporter) FlushPanicked(value any) {
	r.Panicked("flush")
	r.log.Error("panic while flushing a connection", "panic", value, "stack", string(debug.Stack()))
}

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
		method = "other" // clients can make up any number of methods
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

// durationAttr returns a duration as a log attribute: a number of milliseconds, in every log
// format.
func durationAttr(d time.Duration) slog.Attr {
	return slog.Float64("ms", float64(d.Round(time.Microsecond))/float64(time.Millisecond))
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

// otherEndReasons are the labels of endReason for connections that the server did not close
// with one of its own codes.
var otherEndReasons = []string{"goodbye", "refused", "failed", "gone"}

// endReasons maps the server's close frames to metric labels.
var endReasons = map[ws.Close]string{
	ws.Close(chat.CloseGoingAway): "going_away", ws.CloseProtocol: "protocol", ws.CloseBinary: "binary", ws.CloseNotText: "not_text", ws.Close(chat.CloseControl): "control",
	ws.Close(chat.ClosePolicy): "policy", ws.CloseTooBig: "too_big", ws.Close(chat.CloseNotStored): "not_stored",
	ws.Close(chat.CloseShortOnly): "not_stored", ws.Close(chat.CloseNoNewRooms): "not_stored", ws.Close(chat.CloseInternal): "internal",
	ws.CloseTooSlow: "too_slow", ws.Close(chat.CloseUnresponsive): "unresponsive",
}

// endReason returns the metric label for the end of a connection: the close frame that was
// sent first (RFC 6455 §7.1.5), or else the error. oursFirst reports whether the server had
// already sent a close frame when the connection ended with err; a close frame that arrives
// after it is only the answer.
func (c *connection) endReason(err error, oursFirst bool) string {
	var byPeer ws.ClosedByPeer
	if errors.As(err, &byPeer) && !oursFirst {
		return "goodbye"
	}
	if sent, is := c.SentClose(); is {
		if name, ours := endReasons[sent]; ours {
			return name
		}
		return "refused"
	}
	if errors.Is(err, net.ErrClosed) {
		return "failed"
	}
	return "gone"
}
