package ws

import "fmt"

// Close is what a close frame carries: a code and a reason.
type Close struct {
	Code   uint16 // 0 = a frame without a code
	Reason string // at most 123 bytes, RFC 6455 §5.5.1
}

// The codes that this package sends, and CodeNormal, RFC 6455 §7.4.1.
const (
	CodeNormal      = 1000
	CodeProtocol    = 1002
	CodeUnsupported = 1003 // data of this type
	CodeNotText     = 1007 // a text that is not UTF-8
	CodeTooBig      = 1009
	CodeTryLater    = 1013 // registered by IANA, not in the RFC
)

// The reasons for which this package closes a connection.
var (
	CloseProtocol = Close{CodeProtocol, "protocol error (RFC 6455)"}
	CloseBinary   = Close{CodeUnsupported, "binary frames are not supported"}
	CloseNotText  = Close{CodeNotText, "a message must be valid UTF-8"}
	CloseTooBig   = Close{CodeTooBig, "the message is too big"}
	// CloseTooSlow discards the queued frames that were not started, because they would
	// never arrive; all others come after the queue.
	CloseTooSlow = Close{CodeTryLater, "too slow to keep up"}
)

func (c Close) Error() string {
	if c.Code == 0 {
		return "closed without a code"
	}
	if c.Reason == "" {
		return fmt.Sprintf("closed with %d", c.Code)
	}
	return fmt.Sprintf("closed with %d: %s", c.Code, c.Reason)
}

// ClosedByPeer is the error of a received close frame. The code is 0 if it had none.
type ClosedByPeer struct{ Code uint16 }

func (ClosedByPeer) Error() string { return "closed by the client" }
