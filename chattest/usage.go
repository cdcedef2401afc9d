package chattest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of CPU time in /proc, on every Linux architecture that Go
// supports.
const clockTick = 10 * time.Millisecond

// Memory returns the program's resident memory in bytes. It is 0 except on Linux.
func (p *Program) Memory() int64 {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.PID()))
	fields := strings.Fields(string(content))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64) // the kernel writes numbers
	return pages * int64(os.Getpagesize())
}

// CPU returns the program's CPU time. It is 0 except on Linux.
func (p *Program) CPU() time.Duration {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.PID()))
	_, rest, is := strings.Cut(string(content), ") ") // the name may contain blanks
	fields := strings.Fields(rest)
	if err != nil || !is || len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * clockTick
}

// PID returns the program's process id.
func (p *Program) PID() int { return p.command.Process.Pid }
