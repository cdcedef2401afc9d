package metrics_test

import (
	"compress/gzip"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"chatserver/metrics"
)

// numbers are values whose text takes different forms.
var numbers = []float64{0, 1, 0.1, 2.5, 1e21, 123456789, 1e-7, 9.223372036854776e+18, math.Inf(1)}

// For the same counters, gauges, and histograms, our text is byte for byte that of Prometheus's
// own library.
func TestTheTextIsThatOfPrometheus(t *testing.T) {
	t.Parallel()
	const help = "A help with a \\ and\na line."
	labels := []string{"", "plain", `a "quote", a \ and` + "\na line", "ünïcode", "\x7f"}
	bounds := []float64{.001, .5, 1, 2.5, 1e6}

	theirs := prometheus.NewRegistry()
	counters := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "b_total", Help: help}, []string{"cause"})
	three := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c_total", Help: help}, []string{"a", "b", "c"})
	histogram := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Help: help, Buckets: bounds})
	histograms := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "a_seconds", Help: help, Buckets: bounds}, []string{"route"})
	gauges := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "g", Help: help}, []string{"n"})
	empty := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "empty_total", Help: help}, []string{"cause"})
	theirs.MustRegister(counters, three, histogram, histograms, gauges, empty)

	var ours metrics.Registry
	ourCounters, ourThree := metrics.NewCounters("b_total", help, "cause"), metrics.NewCounters("c_total", help, "a", "b", "c")
	ourHistogram, ourHistograms := metrics.NewHistograms("h", help, bounds), metrics.NewHistograms("a_seconds", help, bounds, "route")
	gauge := &metrics.Desc{Name: "g", Help: help, Kind: metrics.GaugeKind, Labels: []string{"n"}}
	ours.Register(ourCounters, ourThree, ourHistogram, ourHistograms, metrics.NewCounters("empty_total", help, "cause"),
		metrics.CollectorFunc(func(to *metrics.Scrape) {
			for i, value := range numbers {
				to.Add(gauge, -value, strconv.Itoa(i))
			}
		}))

	for i, value := range numbers {
		gauges.WithLabelValues(strconv.Itoa(i)).Set(-value)
		histogram.Observe(value)
		ourHistogram.With().Observe(value)
		for _, label := range labels {
			histograms.WithLabelValues(label).Observe(value)
			ourHistograms.With(label).Observe(value)
			if value < 1e9 {
				counters.WithLabelValues(label).Add(value)
				ourCounters.With(label).Add(value)
			}
		}
	}
	for i, label := range labels {
		three.WithLabelValues(label, labels[(i+1)%len(labels)], "x").Inc()
		ourThree.With(label, labels[(i+1)%len(labels)], "x").Inc()
	}
	want := scrape(t, promhttp.HandlerFor(theirs, promhttp.HandlerOpts{Registry: theirs}))
	if got := scrape(t, &ours); got != want {
		t.Errorf("we say\n%s\nnot\n%s", got, want)
	}
}

// scrape returns the body of a handler's answer, after checking its headers.
func scrape(t *testing.T, handler http.Handler) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	return recorder.Header().Get("Content-Type") + "\n" + recorder.Body.String()
}

// series returns the names, types, help texts, and labels of a scrape, without values and
// without the series of the library itself.
func series(text string) []string {
	var found []string
	for line := range strings.Lines(text) {
		if strings.Contains(line, "promhttp_") || !strings.Contains(line, "go_") && !strings.Contains(line, "process_") {
			continue
		}
		if line[0] != '#' {
			line = line[:strings.LastIndexByte(line, ' ')]
		}
		found = append(found, strings.TrimSpace(line))
	}
	return found
}

// Dashboards and alerts find all metrics of Go and of the process that Prometheus' own
// library has on this system, with the same help and type, and similar values.
//
//nolint:paralleltest // other tests would change the values
func TestGoAndTheProcessAreToldAsByPrometheus(t *testing.T) {
	theirs := prometheus.NewRegistry()
	theirs.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	var ours metrics.Registry
	ours.Register(metrics.CollectorFunc(metrics.Go), metrics.CollectorFunc(metrics.Process))
	runtime.GC() // so that there is a last one
	want := scrape(t, promhttp.HandlerFor(theirs, promhttp.HandlerOpts{}))
	got := scrape(t, &ours)
	if !slices.Equal(series(got), series(want)) {
		t.Errorf("we tell\n%s\nnot\n%s", strings.Join(series(got), "\n"), strings.Join(series(want), "\n"))
	}
	if len(series(got)) < 30 {
		t.Errorf("there are only %d lines", len(series(got)))
	}
	for _, name := range []string{
		"go_gc_gogc_percent", "go_gc_gomemlimit_bytes", "go_sched_gomaxprocs_threads", "go_info{", "process_max_fds",
		"process_start_time_seconds", "process_virtual_memory_max_bytes",
	} {
		if value(got, name) != value(want, name) {
			t.Errorf("%s is %q, not %q", name, value(got, name), value(want, name))
		}
	}
	if float(value(got, "go_goroutines")) < 1 {
		t.Errorf("there are %q goroutines", value(got, "go_goroutines"))
	}
	for _, name := range []string{"process_resident_memory_bytes", "process_virtual_memory_bytes", "go_memstats_sys_bytes", "go_memstats_heap_sys_bytes"} {
		if is, should := float(value(got, name)), float(value(want, name)); is < should/4 || is > 4*should {
			t.Errorf("%s is %v, not about %v", name, is, should)
		}
	}
	for _, name := range []string{ // these only grow
		"go_memstats_alloc_bytes_total", "go_memstats_mallocs_total", "go_threads", "go_memstats_last_gc_time_seconds",
		"process_cpu_seconds_total", "process_network_receive_bytes_total", "process_network_transmit_bytes_total",
	} {
		if is, should := float(value(got, name)), float(value(want, name)); is < should {
			t.Errorf("%s is %v, less than %v", name, is, should)
		}
	}
}

// value returns the value of the first series with the prefix; empty if there is none.
func value(text, name string) string {
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + `.* (\S+)$`).FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	return found[1]
}

func float(value string) float64 {
	f, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return math.NaN()
	}
	return f
}

// Concurrent increments are neither lost nor counted twice, and every scrape in the meantime has
// a histogram count that equals its last bucket. The goroutines do nothing but change one value
// after the other, so that a lost update would show; one more goroutine scrapes.
func TestManyCountAtOnce(t *testing.T) {
	t.Parallel()
	const each, many = 450_000, 4
	var registry metrics.Registry
	counters, histograms := metrics.NewCounters("c_total", "", "of"), metrics.NewHistograms("h", "", []float64{1})
	registry.Register(counters, histograms)
	var counting, scraping sync.WaitGroup
	start, counted := make(chan struct{}), make(chan struct{})
	for range many {
		counting.Go(func() {
			one, half, observed := counters.With("one"), counters.With("half"), histograms.With()
			<-start
			for range each {
				one.Inc()
			}
			for range each {
				half.Add(.5)
			}
			for range each {
				observed.Observe(2)
			}
		})
	}
	scraping.Go(func() {
		for scrapes := 0; ; scrapes++ {
			select {
			case <-counted:
				if scrapes > 0 {
					return
				}
			default:
			}
			text := registry.Scrape().Text()
			if value(text, `h_bucket{le="+Inf"}`) != value(text, "h_count") {
				t.Error("the count is not that of the buckets")
			}
		}
	})
	close(start)
	counting.Wait()
	close(counted)
	scraping.Wait()
	text := registry.Scrape().Text()
	for name, want := range map[string]string{`c_total{of="one"}`: "1.8e+06", `c_total{of="half"}`: "900000", "h_sum": "3.6e+06", "h_count": "1800000", `h_bucket{le="1"}`: "0"} {
		if got := value(text, name); got != want {
			t.Errorf("%s is %q, not %s", name, got, want)
		}
	}
}

// A scrape is compressed for clients that accept gzip, and for no others.
func TestAScrapeIsCompressedForThoseWhoAcceptIt(t *testing.T) {
	t.Parallel()
	var registry metrics.Registry
	counters := metrics.NewCounters("c_total", "A counter.")
	counters.With().Inc()
	registry.Register(counters)
	for accept, packed := range map[string]bool{
		"": false, "gzip": true, "deflate, GZIP;q=0.5": true, "gzip; q=0": false, "gzip;q=0.0, *;q=1": false, "*": true, "br": false, "identity": false, "gzip;q=x": false,
	} {
		request := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
		request.Header.Set("Accept-Encoding", accept)
		recorder := httptest.NewRecorder()
		registry.ServeHTTP(recorder, request)
		body := io.Reader(recorder.Body)
		if got := recorder.Header().Get("Content-Encoding") == "gzip"; got != packed {
			t.Errorf("%q: compressed is %v", accept, got)
			continue
		}
		if packed {
			unpacked, err := gzip.NewReader(body)
			if err != nil {
				t.Fatal(err)
			}
			body = unpacked
		}
		text, err := io.ReadAll(body)
		if err != nil || value(string(text), "c_total") != "1" || recorder.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: %v, %s", accept, err, text)
		}
	}
}

// A sample with a missing label is a bug of ours, which a scrape reports.
func TestASampleNeedsItsLabels(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("nothing is said")
		}
	}()
	var registry metrics.Registry
	registry.Register(metrics.CollectorFunc(func(to *metrics.Scrape) {
		to.Add(&metrics.Desc{Name: "g", Kind: metrics.GaugeKind, Labels: []string{"of"}}, 1)
	}))
	registry.Scrape()
}
