package metrics

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// ticks is the number of kernel clock ticks per second, on every platform of Go.
const ticks = 100

// Process collects the metrics of the process from /proc (proc(5)). Values that cannot be
// read are omitted.
func Process(to *Scrape) {
	collectStat(to)
	if folder, err := os.Open("/proc/self/fd"); err == nil {
		if names, err := folder.Readdirnames(-1); err == nil {
			to.Add(processFDs, float64(len(names)-1)) // without the directory itself
		}
		_ = folder.Close()
	}
	addLimit(to, processMaxFDs, syscall.RLIMIT_NOFILE)
	addLimit(to, processMaxSize, syscall.RLIMIT_AS)
	received, sent := octets()
	to.Add(processReceived, received)
	to.Add(processSent, sent)
}

func addLimit(to *Scrape, desc *Desc, which int) {
	var limit syscall.Rlimit
	if syscall.Getrlimit(which, &limit) == nil {
		to.Add(desc, float64(limit.Cur))
	}
}

func collectStat(to *Scrape) {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return
	}
	// The second field is the program's name, which may contain spaces.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	const first, user, system, start, size, resident = 3, 14, 15, 22, 23, 24
	if len(fields) <= resident-first {
		return
	}
	field := func(n int) float64 { value, _ := strconv.ParseFloat(fields[n-first], 64); return value }
	to.Add(processCPU, (field(user)+field(system))/ticks)
	to.Add(processSize, field(size))
	to.Add(processRSS, field(resident)*float64(os.Getpagesize()))
	if booted, found := lineOf("/proc/stat", "btime "); found {
		seconds, _ := strconv.ParseFloat(booted, 64)
		to.Add(processStart, seconds+field(start)/ticks)
	}
}

// octets returns the bytes that the process's network namespace received and sent.
func octets() (received, sent float64) {
	file, err := os.ReadFile("/proc/self/net/netstat")
	if err != nil {
		return 0, 0
	}
	var names []string
	for line := range strings.Lines(string(file)) { // a line of names, then a line of values
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != "IpExt:" {
			continue
		}
		if names == nil {
			names = fields
			continue
		}
		for i, name := range names[:min(len(names), len(fields))] {
			switch name {
			case "InOctets":
				received, _ = strconv.ParseFloat(fields[i], 64)
			case "OutOctets":
				sent, _ = strconv.ParseFloat(fields[i], 64)
			}
		}
	}
	return received, sent
}

// lineOf returns the rest of the line with the prefix.
func lineOf(file, prefix string) (string, bool) {
	text, err := os.ReadFile(file) //nolint:gosec // a file of /proc
	if err != nil {
		return "", false
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, prefix); found {
			return strings.TrimSpace(rest), true
		}
	}
	return "", false
}
