package metrics

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Process collects the metrics of the process. Its memory is available only through cgo.
func Process(to *Scrape) {
	const nanoseconds = 1e9
	if processes, err := unix.SysctlKinfoProcSlice("kern.proc.pid", os.Getpid()); err == nil && len(processes) == 1 {
		to.Add(processStart, float64(processes[0].Proc.P_starttime.Nano()/nanoseconds))
	}
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) == nil {
		to.Add(processCPU, time.Duration(usage.Stime.Nano()+usage.Utime.Nano()).Seconds())
	}
	if folder, err := os.Open("/dev/fd"); err == nil {
		// Not ReadDir, which would call lstat: that fails for kqueue descriptors.
		if names, err := folder.Readdirnames(-1); err == nil {
			to.Add(processFDs, float64(len(names)-1)) // without the directory itself
		}
		_ = folder.Close()
	}
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) == nil {
		to.Add(processMaxFDs, float64(limit.Cur))
	}
	if unix.Getrlimit(unix.RLIMIT_AS, &limit) == nil {
		to.Add(processMaxSize, float64(limit.Cur))
	}
}
