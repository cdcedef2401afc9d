// Package metrics counts events, and serves the counts to Prometheus in its text format. It
// replaces Prometheus' own library, which needs protobuf's reflection:
// docs/adr/0030-light-metrics.md. The format is
// https://prometheus.io/docs/instrumenting/exposition_formats/ (0.0.4).
package metrics

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// The metric types, as named in the format.
const (
	CounterKind   = "counter"
	GaugeKind     = "gauge"
	HistogramKind = "histogram"
	SummaryKind   = "summary"
)

// Desc describes a metric. Labels are the names of its labels, in lexical order, without
// le and quantile.
type Desc struct {
	Name, Help, Kind string
	Labels           []string
}

// Collector adds samples to a scrape. Its method may be called from any goroutine, while others change the values.
type Collector interface{ Collect(to *Scrape) }

// CollectorFunc adapts a function to Collector.
type CollectorFunc func(to *Scrape)

// Collect implements Collector.
func (f CollectorFunc) Collect(to *Scrape) { f(to) }

// Registry holds collectors. The zero Registry is empty; its methods are safe for
// concurrent use.
type Registry struct {
	mu         sync.Mutex
	collectors []Collector
	failures   [2]Counter // failed scrapes, by cause
}

// Register adds collectors.
func (r *Registry) Register(collectors ...Collector) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.collectors = append(r.collectors, collectors...)
}

// Scrape collects the samples of all collectors.
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

// Scrape holds the samples collected at one moment.
type Scrape struct{ families map[string]*family }

// family is a metric with its samples.
type family struct {
	desc    *Desc
	samples []sample
}

// sample is a value, or the values of a histogram or a summary, which stay together.
type sample struct {
	labels []string // values, in the order of Desc.Labels
	lines  []line
}

// line is a line of the text: a suffix of the name, a label that the type requires, such as
// `le="1"`, and the value.
type line struct {
	suffix, label, value string
}

// Add adds a sample of a counter or a gauge, with the values of its labels.
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

// sorted returns the families by name, each with its samples sorted by label values.
func (s *Scrape) sorted() []*family {
	all := make([]*family, 0, len(s.families))
	for _, one := range s.families {
		slices.SortFunc(one.samples, func(a, b sample) int { return slices.Compare(a.labels, b.labels) })
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b *family) int { return strings.Compare(a.desc.Name, b.desc.Name) })
	return all
}
