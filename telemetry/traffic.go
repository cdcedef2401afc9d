package telemetry

import "sync/atomic"

// Traffic counts what connections are sent and send. It is counted on the way of
// every delivery, so nobody shares a line of memory with the next core, if that can
// be helped.
type Traffic struct {
	received, sent sharded
	behind, queued atomic.Int64
}

// Received counts bytes that came over a connection of a descriptor.
func (t *Traffic) Received(descriptor, bytes int) { t.received.add(descriptor, bytes) }

// Sent counts bytes that were written to a connection of a descriptor.
func (t *Traffic) Sent(descriptor, bytes int) { t.sent.add(descriptor, bytes) }

// Behind counts a connection that fell behind, or, with -1, one that no longer is.
func (t *Traffic) Behind(connections int) { t.behind.Add(int64(connections)) }

// Queued counts bytes that were queued, or, negative, are queued no longer.
func (t *Traffic) Queued(bytes int) { t.queued.Add(int64(bytes)) }

func (t *Traffic) behindNow() float64 { return float64(t.behind.Load()) }
func (t *Traffic) queuedNow() float64 { return float64(t.queued.Load()) }

const (
	shards    = 16
	cacheLine = 64
)

// sharded is a counter in pieces, which cores seldom have in common.
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
