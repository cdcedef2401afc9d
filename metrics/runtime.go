package metrics

import (
	"runtime"
	"runtime/debug"
	rm "runtime/metrics"
	"strconv"
	"time"
)

// The metrics of Go have the names, types, and help texts of Prometheus' own library, which
// dashboards and alerts use.

// fromRuntime is a metric that is a sum of metrics of package runtime/metrics.
type fromRuntime struct {
	desc *Desc
	sum  []string
}

const memory = "/memory/classes/"

var fromRuntimes = []fromRuntime{
	{gauge("go_gc_gogc_percent", "Heap size target percentage configured by the user, otherwise 100. This value is set by the GOGC environment variable, and the runtime/debug.SetGCPercent function. Sourced from /gc/gogc:percent."), []string{"/gc/gogc:percent"}},
	{gauge("go_gc_gomemlimit_bytes", "Go runtime memory limit configured by the user, otherwise math.MaxInt64. This value is set by the GOMEMLIMIT environment variable, and the runtime/debug.SetMemoryLimit function. Sourced from /gc/gomemlimit:bytes."), []string{"/gc/gomemlimit:bytes"}},
	{gauge("go_sched_gomaxprocs_threads", "The current runtime.GOMAXPROCS setting, or the number of operating system threads that can execute user-level Go code simultaneously. Sourced from /sched/gomaxprocs:threads."), []string{"/sched/gomaxprocs:threads"}},
	{gauge("go_memstats_alloc_bytes", "Number of bytes allocated in heap and currently in use. Equals to /memory/classes/heap/objects:bytes."), []string{memory + "heap/objects:bytes"}},
	{counter("go_memstats_alloc_bytes_total", "Total number of bytes allocated in heap until now, even if released already. Equals to /gc/heap/allocs:bytes."), []string{"/gc/heap/allocs:bytes"}},
	{gauge("go_memstats_sys_bytes", "Number of bytes obtained from system. Equals to /memory/classes/total:byte."), []string{memory + "total:bytes"}},
	{counter("go_memstats_mallocs_total", "Total number of heap objects allocated, both live and gc-ed. Semantically a counter version for go_memstats_heap_objects gauge. Equals to /gc/heap/allocs:objects + /gc/heap/tiny/allocs:objects."), []string{"/gc/heap/allocs:objects", "/gc/heap/tiny/allocs:objects"}},
	{counter("go_memstats_frees_total", "Total number of heap objects frees. Equals to /gc/heap/frees:objects + /gc/heap/tiny/allocs:objects."), []string{"/gc/heap/frees:objects", "/gc/heap/tiny/allocs:objects"}},
	{gauge("go_memstats_heap_alloc_bytes", "Number of heap bytes allocated and currently in use, same as go_memstats_alloc_bytes. Equals to /memory/classes/heap/objects:bytes."), []string{memory + "heap/objects:bytes"}},
	{gauge("go_memstats_heap_sys_bytes", "Number of heap bytes obtained from system. Equals to /memory/classes/heap/objects:bytes + /memory/classes/heap/unused:bytes + /memory/classes/heap/released:bytes + /memory/classes/heap/free:bytes."), []string{memory + "heap/objects:bytes", memory + "heap/unused:bytes", memory + "heap/released:bytes", memory + "heap/free:bytes"}},
	{gauge("go_memstats_heap_idle_bytes", "Number of heap bytes waiting to be used. Equals to /memory/classes/heap/released:bytes + /memory/classes/heap/free:bytes."), []string{memory + "heap/released:bytes", memory + "heap/free:bytes"}},
	{gauge("go_memstats_heap_inuse_bytes", "Number of heap bytes that are in use. Equals to /memory/classes/heap/objects:bytes + /memory/classes/heap/unused:bytes"), []string{memory + "heap/objects:bytes", memory + "heap/unused:bytes"}},
	{gauge("go_memstats_heap_released_bytes", "Number of heap bytes released to OS. Equals to /memory/classes/heap/released:bytes."), []string{memory + "heap/released:bytes"}},
	{gauge("go_memstats_heap_objects", "Number of currently allocated objects. Equals to /gc/heap/objects:objects."), []string{"/gc/heap/objects:objects"}},
	{gauge("go_memstats_stack_inuse_bytes", "Number of bytes obtained from system for stack allocator in non-CGO environments. Equals to /memory/classes/heap/stacks:bytes."), []string{memory + "heap/stacks:bytes"}},
	{gauge("go_memstats_stack_sys_bytes", "Number of bytes obtained from system for stack allocator. Equals to /memory/classes/heap/stacks:bytes + /memory/classes/os-stacks:bytes."), []string{memory + "heap/stacks:bytes", memory + "os-stacks:bytes"}},
	{gauge("go_memstats_mspan_inuse_bytes", "Number of bytes in use by mspan structures. Equals to /memory/classes/metadata/mspan/inuse:bytes."), []string{memory + "metadata/mspan/inuse:bytes"}},
	{gauge("go_memstats_mspan_sys_bytes", "Number of bytes used for mspan structures obtained from system. Equals to /memory/classes/metadata/mspan/inuse:bytes + /memory/classes/metadata/mspan/free:bytes."), []string{memory + "metadata/mspan/inuse:bytes", memory + "metadata/mspan/free:bytes"}},
	{gauge("go_memstats_mcache_inuse_bytes", "Number of bytes in use by mcache structures. Equals to /memory/classes/metadata/mcache/inuse:bytes."), []string{memory + "metadata/mcache/inuse:bytes"}},
	{gauge("go_memstats_mcache_sys_bytes", "Number of bytes used for mcache structures obtained from system. Equals to /memory/classes/metadata/mcache/inuse:bytes + /memory/classes/metadata/mcache/free:bytes."), []string{memory + "metadata/mcache/inuse:bytes", memory + "metadata/mcache/free:bytes"}},
	{gauge("go_memstats_buck_hash_sys_bytes", "Number of bytes used by the profiling bucket hash table. Equals to /memory/classes/profiling/buckets:bytes."), []string{memory + "profiling/buckets:bytes"}},
	{gauge("go_memstats_gc_sys_bytes", "Number of bytes used for garbage collection system metadata. Equals to /memory/classes/metadata/other:bytes."), []string{memory + "metadata/other:bytes"}},
	{gauge("go_memstats_other_sys_bytes", "Number of bytes used for other system allocations. Equals to /memory/classes/other:bytes."), []string{memory + "other:bytes"}},
	{gauge("go_memstats_next_gc_bytes", "Number of heap bytes when next garbage collection will take place. Equals to /gc/heap/goal:bytes."), []string{"/gc/heap/goal:bytes"}},
}

var (
	goroutines = gauge("go_goroutines", "Number of goroutines that currently exist.")
	threads    = gauge("go_threads", "Number of OS threads created.")
	lastGC     = gauge("go_memstats_last_gc_time_seconds", "Number of seconds since 1970 of last garbage collection.")
	goInfo     = gauge("go_info", "Information about the Go environment.", "version")
	pauses     = &Desc{Name: "go_gc_duration_seconds", Kind: SummaryKind, Help: "A summary of the wall-time pause (stop-the-world) duration in garbage collection cycles."}
)

func gauge(name, help string, labels ...string) *Desc { return &Desc{name, help, GaugeKind, labels} }

func counter(name, help string, labels ...string) *Desc {
	return &Desc{name, help, CounterKind, labels}
}

// Go collects the metrics of Go's runtime.
func Go(to *Scrape) {
	var samples []rm.Sample
	for _, metric := range fromRuntimes {
		for _, name := range metric.sum {
			samples = append(samples, rm.Sample{Name: name})
		}
	}
	rm.Read(samples)
	for _, metric := range fromRuntimes {
		total := uint64(0)
		for range metric.sum {
			if samples[0].Value.Kind() == rm.KindUint64 {
				total += samples[0].Value.Uint64()
			}
			samples = samples[1:]
		}
		to.Add(metric.desc, float64(total))
	}
	to.Add(goroutines, float64(runtime.NumGoroutine()))
	to.Add(threads, float64(createdThreads()))
	to.Add(goInfo, 1, runtime.Version())
	collectPauses(to)
}

func collectPauses(to *Scrape) {
	quantiles := []string{"0", "0.25", "0.5", "0.75", "1"}
	stats := debug.GCStats{PauseQuantiles: make([]time.Duration, len(quantiles))}
	debug.ReadGCStats(&stats)
	var lines []line
	for i, quantile := range quantiles {
		lines = append(lines, line{"", `quantile="` + quantile + `"`, number(stats.PauseQuantiles[i].Seconds())})
	}
	to.add(pauses, nil, append(lines,
		line{"_sum", "", number(stats.PauseTotal.Seconds())}, line{"_count", "", strconv.FormatInt(stats.NumGC, 10)})...)
	to.Add(lastGC, float64(stats.LastGC.UnixNano())/1e9) //nolint:mnd // nanoseconds
}

func createdThreads() int {
	n, _ := runtime.ThreadCreateProfile(nil)
	return n
}
