package chattest

import (
	"fmt"
	"net/http"
	"time"

	"chatserver/chat"
)

// MemberOption is how somebody joins.
type MemberOption func(*Member)

// ThroughOneWire has somebody come through a network, once.
func ThroughOneWire(n *Network) MemberOption { return func(m *Member) { m.network = n } }

// Via has somebody come through a network, and come back after each cut.
func Via(n *Network) MemberOption {
	return func(m *Member) { m.network, m.comesBack = n, true }
}

// ComesBack has somebody come back after each cut.
func ComesBack() MemberOption { return func(m *Member) { m.comesBack = true } }

// Unhurried has somebody look after the connection and come back less often: one
// of very many.
func Unhurried() MemberOption { return func(m *Member) { m.unhurried = true } }

// Patient has somebody wait so long for what must happen, instead of Patience.
func Patient(atMost time.Duration) MemberOption { return func(m *Member) { m.patience = atMost } }

// WithKey has somebody send a guest key.
func WithKey(key string) MemberOption {
	return func(m *Member) { m.header = http.Header{"Cookie": {"chat_guest=" + key}} }
}

// From has somebody come from another address, to a server that trusts this machine as
// a proxy.
func From(address string) MemberOption {
	return func(m *Member) { m.header = http.Header{"X-Forwarded-For": {address}} }
}

// Aged has somebody give an age.
func Aged(age int) MemberOption { return func(m *Member) { m.query = fmt.Sprint("age=", age) } }

// LargeEvents asks for large events, as the page does.
func LargeEvents() MemberOption {
	return func(m *Member) {
		m.frameBytes, m.query = chat.LargeFrameBytes, fmt.Sprint("frame_bytes=", chat.LargeFrameBytes)
	}
}

// ReadsEverything has somebody read all the history there is, and remember no
// events for HearsEvent: those who hear very much.
func ReadsEverything() MemberOption {
	return func(m *Member) { m.readsBack, m.remembers = true, false }
}
