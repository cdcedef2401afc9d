// Package metrics counts, and tells Prometheus what was counted in its text format. It
// stands in for Prometheus' own library, which needs protobuf's reflection:
// docs/adr/0030-light-metrics.md. The format is
// https://prometheus.io/docs/instrumenting/exposition_formats/ (0.0.4).
package metrics

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// The types of metrics, as the format names them.
const (
	CounterKind   = "counter"
	GaugeKind     = "gauge"
	HistogramKind = "histogram"
	SummaryKind   = "summary"
)

// Desc describes a metric. Labels are the names of its labels, in lexical order, except
// for le and quantile.
type Desc struct {
	Name, Help, Kind string
	Labels           []string
}

// Collector adds samples to a scrape, from any goroutine, also while it is added to.
type Collector interface{ Collect(to *Scrape) }

// CollectorFunc is a function as a Collector.
type CollectorFunc func(to *Scrape)

// Collect implements Collector.
func (f CollectorFunc) Collect(to *Scrape) { f(to) }

// Registry holds what is told. The zero Registry is empty; its methods are safe for
// several goroutines.
type Registry struct {
	mu         sync.Mutex
	collectors []Collector
	failures   [2]Counter // of scrapes, by their cause
}

// Register adds collectors.
func (r *Registry) Register(collectors ...Collector) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.collectors = append(r.collectors, collectors...)
}

// Scrape collects everything.
func (r *Registry) Scrape() *Scrape {
	r.mu.Lock()
	collectors := slices.Clone(r.collectors)
	r.mu.Unlock()
	scrape := &Scrape{families: map[string]*family{}}
	for _, collector := range collectors {
		collector.Collect(scrape)
	}
	return scrape
}

// Scrape is what was collected at a moment.
type Scrape struct{ families map[string]*family }

// family is a metric with its samples.
type family struct {
	desc    *Desc
	samples []sample
}

// sample is a value, or the values of a histogram or a summary. Those follow each other.
type sample struct {
	labels []string // values, in the order of Desc.Labels
	lines  []line
}

// line is a line of the text: a suffix of the name, a label that the type prescribes, as
// `le="1"`, and the value.
type line struct {
	suffix, label, value string
}

// Add adds the sample of a counter or a gauge, with the values of its labels.
func (s *Scrape) Add(desc *Desc, value float64, labels ...string) {
	s.add(desc, labels, line{value: number(value)})
}

func (s *Scrape) add(desc *Desc, labels []string, lines ...line) {
	if len(labels) != len(desc.Labels) {
		panic(fmt.Sprintf("metrics: %s has the labels %q, not %d", desc.Name, desc.Labels, len(labels)))
	}
	of := s.families[desc.Name]
	if of == nil {
		of = &family{desc: desc}
		s.families[desc.Name] = of
	}
	of.samples = append(of.samples, sample{labels, lines})
}

// sorted returns the families by name, each with its samples by the values of the labels.
func (s *Scrape) sorted() []*family {
	all := make([]*family, 0, len(s.families))
	for _, one := range s.families {
		slices.SortFunc(one.samples, func(a, b sample) int { return slices.Compare(a.labels, b.labels) })
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b *family) int { return strings.Compare(a.desc.Name, b.desc.Name) })
	return all
}
