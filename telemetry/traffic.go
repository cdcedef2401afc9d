package telemetry

import "sync/atomic"

// Traffic counts bytes sent and received. It is updated on every delivery, so it is
// sharded: cores should rarely share a cache line.
type Traffic struct {
	received, sent sharded
	behind, queued atomic.Int64
}

// Received counts bytes received on the connection with this descriptor.
func (t *Traffic) Received(descriptor, bytes int) { t.received.add(descriptor, bytes) }

// Sent counts bytes written to the connection with this descriptor.
func (t *Traffic) Sent(descriptor, bytes int) { t.sent.add(descriptor, bytes) }

// Behind counts a connection that got a backlog, or, with -1, one that no longer has one.
func (t *Traffic) Behind(connections int) { t.behind.Add(int64(connections)) }

// Queued counts bytes added to a backlog, or, if negative, removed from one.
func (t *Traffic) Queued(bytes int) { t.queued.Add(int64(bytes)) }

func (t *Traffic) behindNow() float64 { return float64(t.behind.Load()) }
func (t *Traffic) queuedNow() float64 { return float64(t.queued.Load()) }

const (
	shards    = 16
	cacheLine = 64
)

// sharded is a counter in shards that cores rarely share.
type sharded [shards]struct {
	n atomic.Int64
	_ [cacheLine - 8]byte
}

func (s *sharded) add(descriptor, n int) { s[uint(descriptor)%shards].n.Add(int64(n)) } //nolint:gosec // any shard does

func (s *sharded) sum() float64 {
	total := int64(0)
	for i := range s {
		total += s[i].n.Load()
	}
	return float64(total)
}
