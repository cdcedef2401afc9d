package chattest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is what the kernel counts CPU time in, on every architecture of Linux
// that Go knows.
const clockTick = 10 * time.Millisecond

// Memory is how many bytes of memory the program occupies. Only Linux tells:
// elsewhere it is 0.
func (p *Program) Memory() int64 {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.PID()))
	fields := strings.Fields(string(content))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64) // the kernel writes numbers
	return pages * int64(os.Getpagesize())
}

// CPU is how long the program has used a processor. Only Linux tells: elsewhere it
// is 0.
func (p *Program) CPU() time.Duration {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.PID()))
	_, rest, is := strings.Cut(string(content), ") ") // its name may hold blanks
	fields := strings.Fields(rest)
	if err != nil || !is || len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * clockTick
}

// PID is the program's process.
func (p *Program) PID() int { return p.command.Process.Pid }
