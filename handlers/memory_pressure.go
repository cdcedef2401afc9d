package handlers

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

const (
	// memoryThreshold is the part of the memory limit from which on nobody else is let in:
	// what is left is for those who are inside.
	memoryThreshold = 0.9
	// memoryInterval is how often memory is looked at, and collectEvery how often garbage is
	// collected to find out whether it is only that.
	memoryInterval  = 100 * time.Millisecond
	collectInterval = time.Second
)

// memoryPressure knows whether there is enough of it for one more connection. It goes by
// Go's memory limit, which is that of the container or GOMEMLIMIT; without one there
// always is.
type memoryPressure struct {
	mu        sync.Mutex
	checked   time.Time
	collected time.Time
	exceeded  bool
}

// high reports whether memory is short.
func (m *memoryPressure) high() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if now.Sub(m.checked) < memoryInterval {
		return m.exceeded
	}
	limit := debug.SetMemoryLimit(-1)
	if m.checked, m.exceeded = now, false; limit == math.MaxInt64 {
		return false
	}
	most := uint64(memoryThreshold * float64(limit))
	m.exceeded = inUse() > most
	// With few who are let in there is little garbage, so nobody would collect it and
	// find out that memory is free again.
	if m.exceeded && now.Sub(m.collected) >= collectInterval {
		m.collected = now
		runtime.GC()
		m.exceeded = inUse() > most
	}
	return m.exceeded
}

// inUse is how many bytes no collection would free: what the last one left of the
// heap, and all that is not heap.
func inUse() uint64 {
	samples := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/gc/heap/live:bytes"},
	}
	metrics.Read(samples)
	bytes := func(i int) uint64 { return samples[i].Value.Uint64() }
	return bytes(0) - bytes(1) - bytes(2) - bytes(3) - bytes(4) + bytes(5)
}
