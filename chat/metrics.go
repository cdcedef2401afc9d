package chat

import "time"

// Metrics receives events to count and measure. Its methods are called from several
// goroutines, some of which everything else waits for: they must not block or call the chat.
type Metrics interface {
	// Stored reports a batch that was passed to the store at the time began. A non-nil err
	// is the reason why none of it was stored.
	Stored(batch []Change, began time.Time, err error)
	// Answered reports the outcome of a change when its sender is answered.
	Answered(change Change, outcome Outcome)
	// DeliveredToAll reports that a change with a Trace was delivered to all members of its
	// room.
	DeliveredToAll(change Header)
	// Delivered reports that a number of messages was written to each of a number of
	// connections.
	Delivered(messages, connections int)
	// RemoteReceived reports that the hint of a message arrived from another node.
	RemoteReceived(message Message)
	// Panicked reports a recovered panic and the component in which it occurred.
	Panicked(in string)
}

// NoMetrics discards everything.
type NoMetrics struct{}

var _ Metrics = NoMetrics{}

// Stored implements Metrics.
func (NoMetrics) Stored([]Change, time.Time, error) {}

// Answered implements Metrics.
func (NoMetrics) Answered(Change, Outcome) {}

// DeliveredToAll implements Metrics.
func (NoMetrics) DeliveredToAll(Header) {}

// Delivered implements Metrics.
func (NoMetrics) Delivered(int, int) {}

// RemoteReceived implements Metrics.
func (NoMetrics) RemoteReceived(Message) {}

// Panicked implements Metrics.
func (NoMetrics) Panicked(string) {}
