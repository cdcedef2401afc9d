package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTicks is how many a second /proc counts, which Linux fixed for programs.
const clockTicks = 100

// usage is what a process has used of the machine.
type usage struct {
	cpu time.Duration // user and system
	rss float64       // MB in memory now
}

// usage reads it from /proc, so figures are taken on Linux only.
func (s *server) usage() (usage, error) {
	folder := fmt.Sprintf("/proc/%d/", s.command.Process.Pid)
	stat, err := os.ReadFile(folder + "stat")
	if err != nil {
		return usage{}, fmt.Errorf("what the server uses is read from /proc: %w", err)
	}
	// The second field is the name in brackets, which may hold blanks.
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
