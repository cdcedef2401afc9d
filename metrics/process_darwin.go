package metrics

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Process collects how the process is. Its memory can be asked for with cgo only.
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
		// Not ReadDir: descriptors of kqueue cannot be asked for their status.
		if names, err := folder.Readdirnames(-1); err == nil {
			to.Add(processFDs, float64(len(names)-1)) // but for the folder itself
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
