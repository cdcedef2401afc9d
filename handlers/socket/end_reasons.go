package socket

import (
	"errors"
	"maps"
	"net"
	"slices"

	"chatserver/chat"
	"chatserver/ws"
)

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

// EndLabels returns the labels of endReason.
func EndLabels() []string {
	return slices.AppendSeq(slices.Clone(otherEndReasons), maps.Values(endReasons))
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
