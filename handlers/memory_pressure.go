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
	// memoryThreshold is the fraction of the memory limit above which new connections are
	// refused. The rest is for connections that are already open.
	memoryThreshold = 0.9
	// memoryInterval is how long one measurement is used, and collectInterval the time
	// between garbage collections that are forced to see whether the memory in use is only
	// garbage.
	memoryInterval  = 100 * time.Millisecond
	collectInterval = time.Second
)

// memoryPressure measures whether there is enough memory for another connection. The limit
// is Go's memory limit, which is that of the container or GOMEMLIMIT; without a limit the
// pressure is never high.
type memoryPressure struct {
	mu        sync.Mutex
	checked   time.Time
	collected time.Time
	exceeded  bool
}

// high reports whether memory use is above the threshold.
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
	// While connections are refused little garbage is made, so the runtime would not
	// collect, and nothing would notice that memory is free again.
	if m.exceeded && now.Sub(m.collected) >= collectInterval {
		m.collected = now
		runtime.GC()
		m.exceeded = inUse() > most
	}
	return m.exceeded
}

// inUse returns the bytes that no collection would free: the live heap after the last
// collection, and everything outside the heap.
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
