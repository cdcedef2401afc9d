package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// cores says which cores the servers run on and which are the loader's: on one
// core they would take turns, and the table would show how the kernel shares.
type cores struct{ server, loader unix.CPUSet }

// pin gives the first cores to the servers that are started from now on, and the
// others to this program. It says what it did; without two cores it does nothing.
func pin(forServers int) (*cores, string, error) {
	var all unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return nil, "", fmt.Errorf("which cores there are: %w", err)
	}
	if forServers < 1 || all.Count() <= forServers {
		return nil, fmt.Sprintf("not pinned: servers and loader share %d cores", all.Count()), nil
	}
	c := &cores{}
	var numbers [2][]int
	for i := range len(all) * strconv.IntSize {
		switch {
		case !all.IsSet(i):
		case c.server.Count() < forServers:
			c.server.Set(i)
			numbers[0] = append(numbers[0], i)
		default:
			c.loader.Set(i)
			numbers[1] = append(numbers[1], i)
		}
	}
	runtime.GOMAXPROCS(c.loader.Count())
	return c, fmt.Sprintf("pinned: servers to cores %v, loader to %v", numbers[0], numbers[1]), c.takeOwn()
}

// takeOwn moves the threads that this program has to the loader's cores. Those
// that come later have the cores of the one that makes them.
func (c *cores) takeOwn() error {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, thread := range threads {
		id, err := strconv.Atoi(thread.Name())
		if err != nil {
			return err
		}
		if err := unix.SchedSetaffinity(id, &c.loader); err != nil && err != unix.ESRCH { //nolint:errorlint // it has ended
			return fmt.Errorf("keep to the loader's cores: %w", err)
		}
	}
	return nil
}

// start starts a server on its cores: a process has those of the thread that
// makes it, from its first instruction on.
func (c *cores) start(command *exec.Cmd) error {
	if c == nil {
		return command.Start()
	}
	runtime.LockOSThread()
	if err := unix.SchedSetaffinity(0, &c.server); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("give a server its cores: %w", err)
	}
	started := command.Start()
	if err := unix.SchedSetaffinity(0, &c.loader); err != nil {
		return fmt.Errorf("keep to the loader's cores: %w", err) // the thread stays locked, and ends with this goroutine
	}
	runtime.UnlockOSThread()
	return started
}
