package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTicks is the number of ticks a second in /proc, which is fixed on Linux.
const clockTicks = 100

// usage is what a process has used of the machine.
type usage struct {
	cpu time.Duration // user and system
	rss float64       // MB of memory now
}

// usage reads /proc, so figures are measured on Linux only.
func (s *server) usage() (usage, error) {
	folder := fmt.Sprintf("/proc/%d/", s.command.Process.Pid)
	stat, err := os.ReadFile(folder + "stat")
	if err != nil {
		return usage{}, fmt.Errorf("read the server's usage from /proc: %w", err)
	}
	// The second field is the name in parentheses, which may contain blanks.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	const user, system = 14 - 3, 15 - 3 // of proc(5), which counts from 1 and has two before these
	var ticks [2]int64
	for i, at := range []int{user, system} {
		if ticks[i], err = strconv.ParseInt(fields[at], 10, 64); err != nil {
			return usage{}, err
		}
	}
	statm, err := os.ReadFile(folder + "statm")
	if err != nil {
		return usage{}, err
	}
	pages, err := strconv.ParseInt(strings.Fields(string(statm))[1], 10, 64)
	return usage{
		cpu: time.Duration(ticks[0]+ticks[1]) * time.Second / clockTicks,
		rss: float64(pages) * float64(os.Getpagesize()) / 1e6,
	}, err
}

// watchEvery is the interval at which memory is sampled for its peak.
const watchEvery = 10 * time.Millisecond

// watch samples the server's memory until peak is called, which returns the peak in MB.
func (s *server) watch() (peak func() float64) {
	asked, answer := make(chan struct{}), make(chan float64)
	go func() {
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		most := 0.0
		for {
			if used, err := s.usage(); err == nil { // on an error the server has ended, which its clients report
				most = max(most, used.rss)
			}
			select {
			case <-tick.C:
			case <-asked:
				answer <- most
				return
			}
		}
	}()
	return func() float64 {
		close(asked)
		return <-answer
	}
}

// settled returns the server's usage after a pause, in which it becomes idle.
func (s *server) settled(ctx context.Context, after time.Duration) (usage, error) {
	select {
	case <-time.After(after):
		return s.usage()
	case <-ctx.Done():
		return usage{}, ctx.Err()
	}
}
