package chattest

import (
	"fmt"
	"net/http"
	"time"

	"chatserver/chat"
)

// MemberOption changes how a member joins.
type MemberOption func(*Member)

// ThroughOneWire connects a member through a network, and does not reconnect.
func ThroughOneWire(n *Network) MemberOption { return func(m *Member) { m.network = n } }

// Via connects a member through a network, and reconnects after each cut.
func Via(n *Network) MemberOption {
	return func(m *Member) { m.network, m.comesBack = n, true }
}

// ComesBack makes a member reconnect after each cut.
func ComesBack() MemberOption { return func(m *Member) { m.comesBack = true } }

// Relaxed makes a member ping and reconnect less often, for members that are among
// very many.
func Relaxed() MemberOption { return func(m *Member) { m.relaxed = true } }

// Patient sets how long a member waits for what must happen, instead of Patience.
func Patient(atMost time.Duration) MemberOption { return func(m *Member) { m.patience = atMost } }

// WithKey sets the guest key that a member sends.
func WithKey(key string) MemberOption {
	return func(m *Member) { m.header = http.Header{"Cookie": {"chat_guest=" + key}} }
}

// From gives a member another address. The server must trust this machine as a proxy.
func From(address string) MemberOption {
	return func(m *Member) { m.header = http.Header{"X-Forwarded-For": {address}} }
}

// Aged sets a member's age.
func Aged(age int) MemberOption { return func(m *Member) { m.query = fmt.Sprint("age=", age) } }

// LargeEvents requests large events, as the page does.
func LargeEvents() MemberOption {
	return func(m *Member) {
		m.frameBytes, m.query = chat.LargeFrameBytes, fmt.Sprint("frame_bytes=", chat.LargeFrameBytes)
	}
}

// ReadsEverything makes a member read the whole history and keep no events for
// HearsEvent. It is for members that receive very many.
func ReadsEverything() MemberOption {
	return func(m *Member) { m.readsBack, m.remembers = true, false }
}
