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
	// memoryShort is the part of the memory limit from which on nobody else is let in:
	// what is left is for those who are inside.
	memoryShort = 0.9
	// lookEvery is how often memory is looked at, and collectEvery how often garbage is
	// collected to find out whether it is only that.
	lookEvery    = 100 * time.Millisecond
	collectEvery = time.Second
)

// spareMemory knows whether there is enough of it for one more connection. It goes by
// Go's memory limit, which is that of the container or GOMEMLIMIT; without one there
// always is.
type spareMemory struct {
	mu        sync.Mutex
	looked    time.Time
	collected time.Time
	scarce    bool
}

// short reports whether memory is short.
func (m *spareMemory) short() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if now.Sub(m.looked) < lookEvery {
		return m.scarce
	}
	limit := debug.SetMemoryLimit(-1)
	if m.looked, m.scarce = now, false; limit == math.MaxInt64 {
		return false
	}
	most := uint64(memoryShort * float64(limit))
	m.scarce = inUse() > most
	// With few who are let in there is little garbage, so nobody would collect it and
	// find out that memory is free again.
	if m.scarce && now.Sub(m.collected) >= collectEvery {
		m.collected = now
		runtime.GC()
		m.scarce = inUse() > most
	}
	return m.scarce
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
