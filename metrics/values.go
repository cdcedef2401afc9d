package metrics

import (
	"math"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// Counter only grows. The zero Counter is 0; its methods are safe for concurrent use.
type Counter struct {
	whole atomic.Int64  // the sum of whole numbers
	parts atomic.Uint64 // the bits of the float64 sum of the others
}

// Inc adds 1.
func (c *Counter) Inc() { c.whole.Add(1) }

// Add adds a value, which must not be negative.
func (c *Counter) Add(value float64) {
	if whole := int64(value); float64(whole) == value {
		c.whole.Add(whole)
		return
	}
	addFloat(&c.parts, value)
}

func (c *Counter) value() float64 {
	return float64(c.whole.Load()) + math.Float64frombits(c.parts.Load())
}

// addFloat adds to a float64 that is stored as its bits.
func addFloat(to *atomic.Uint64, value float64) {
	for {
		old := to.Load()
		if to.CompareAndSwap(old, math.Float64bits(math.Float64frombits(old)+value)) {
			return
		}
	}
}

// Histogram counts values in buckets by size.
type Histogram struct {
	bounds []float64       // upper bounds, ascending
	counts []atomic.Uint64 // per bound, and one for larger values
	sum    atomic.Uint64   // the bits of a float64
}

func newHistogram(bounds []float64) *Histogram {
	return &Histogram{bounds: bounds, counts: make([]atomic.Uint64, len(bounds)+1)}
}

// Observe counts a value.
func (h *Histogram) Observe(value float64) {
	bucket := 0
	for bucket < len(h.bounds) && value > h.bounds[bucket] { // most values are small
		bucket++
	}
	addFloat(&h.sum, value)
	h.counts[bucket].Add(1)
}

// lines returns the lines of a histogram. The count is the sum of its buckets, even while
// values are observed.
func (h *Histogram) lines() []line {
	var lines []line
	total := uint64(0)
	for i := range h.counts {
		total += h.counts[i].Load()
		bound := "+Inf"
		if i < len(h.bounds) {
			bound = number(h.bounds[i])
		}
		lines = append(lines, line{"_bucket", `le="` + bound + `"`, strconv.FormatUint(total, 10)})
	}
	sum := math.Float64frombits(h.sum.Load())
	return append(lines, line{"_sum", "", number(sum)}, line{"_count", "", strconv.FormatUint(total, 10)})
}

// maxLabels is the maximum number of labels of a vector.
const maxLabels = 3

// vector holds one value per combination of label values.
type vector[T any] struct {
	desc *Desc
	make func() *T

	mu  sync.RWMutex
	all map[[maxLabels]string]*T
}

func (v *vector[T]) of(labels []string) *T {
	var key [maxLabels]string
	copy(key[:], labels)
	v.mu.RLock()
	found := v.all[key]
	v.mu.RUnlock()
	if found != nil {
		return found
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if found = v.all[key]; found == nil {
		found = v.make()
		v.all[key] = found
	}
	return found
}

func (v *vector[T]) each(do func(labels []string, value *T)) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	for key, value := range v.all {
		do(slices.Clone(key[:len(v.desc.Labels)]), value)
	}
}

// Counters are the counters of one name, distinguished by labels. Registry.Counters makes them.
type Counters struct{ vector[Counter] }

// With returns the counter with these label values, in the order of the labels. From then on
// every scrape has it.
func (c *Counters) With(labels ...string) *Counter { return c.of(labels) }

// Collect implements Collector.
func (c *Counters) Collect(to *Scrape) {
	c.each(func(labels []string, value *Counter) { to.Add(c.desc, value.value(), labels...) })
}

// Histograms are the histograms of one name, distinguished by labels. NewHistograms makes them.
type Histograms struct{ vector[Histogram] }

// With returns the histogram with these label values, in the order of the labels.
func (h *Histograms) With(labels ...string) *Histogram { return h.of(labels) }

// Collect implements Collector.
func (h *Histograms) Collect(to *Scrape) {
	h.each(func(labels []string, value *Histogram) { to.add(h.desc, labels, value.lines()...) })
}

// NewCounters returns counters that are not registered yet.
func NewCounters(name, help string, labels ...string) *Counters {
	return &Counters{vector[Counter]{
		desc: &Desc{name, help, CounterKind, labels}, all: map[[maxLabels]string]*Counter{},
		make: func() *Counter { return &Counter{} },
	}}
}

// NewHistograms returns histograms with the upper bounds, in ascending order, that are not
// registered yet.
func NewHistograms(name, help string, bounds []float64, labels ...string) *Histograms {
	return &Histograms{vector[Histogram]{
		desc: &Desc{name, help, HistogramKind, labels}, all: map[[maxLabels]string]*Histogram{},
		make: func() *Histogram { return newHistogram(bounds) },
	}}
}
