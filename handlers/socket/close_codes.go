package socket

import (
	"errors"

	"chatserver/chat"
	"chatserver/ws"
)

// closeFor maps an error to a close frame; it is the only place that does. It returns the zero
// Close for an error of the connection itself, which can no longer carry one.
func closeFor(err error) ws.Close {
	var (
		reason   chat.Close
		ofSocket ws.Close
		byPeer   ws.ClosedByPeer
	)
	switch {
	case errors.As(err, &reason):
		return ws.Close(reason)
	case errors.As(err, &ofSocket):
		return ofSocket
	case errors.As(err, &byPeer):
		return ws.Close{Code: byPeer.Code}
	case errors.Is(err, chat.ErrStopping):
		return ws.Close(chat.CloseGoingAway)
	case errors.Is(err, chat.ErrNameTaken), errors.Is(err, chat.ErrAddressFull), errors.Is(err, chat.ErrTooManyRooms), errors.Is(err, chat.ErrTooManyNewRooms),
		errors.Is(err, chat.ErrNoRoom), errors.Is(err, chat.ErrForbidden), errors.Is(err, chat.ErrScope):
		return ws.Close{Code: chat.ClosePolicy.Code, Reason: err.Error()}
	case errors.Is(err, chat.ErrFull), errors.Is(err, chat.ErrNameCheckFailed):
		return ws.Close{Code: ws.CodeTryLater, Reason: err.Error()}
	case errors.Is(err, chat.ErrShortOnly):
		return ws.Close(chat.CloseShortOnly)
	case errors.Is(err, chat.ErrNoNewRooms):
		return ws.Close(chat.CloseNoNewRooms)
	case errors.Is(err, chat.ErrNotStored), errors.Is(err, chat.ErrBusy):
		return ws.Close(chat.CloseNotStored)
	default:
		return ws.Close{}
	}
}
