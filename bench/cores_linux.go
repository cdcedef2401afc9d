package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"
)

// cores assigns cores to the servers and to the loader. On one core they would take
// turns, and the table would show the kernel's scheduling.
type cores struct{ server, loader unix.CPUSet }

// machine is what this program had before it pinned anything.
type machine struct {
	cores unix.CPUSet
	procs int
}

// wholeMachine is determined once: a second measurement in the same process would see
// only the loader's cores, and take them for all.
var wholeMachine = sync.OnceValues(func() (m machine, err error) {
	m.procs = runtime.GOMAXPROCS(0)
	if err = unix.SchedGetaffinity(0, &m.cores); err != nil {
		err = fmt.Errorf("determine the cores: %w", err)
	}
	return m, err
})

// pin gives the first cores to servers that are started from now on, and the others to
// this program. It returns a description. With fewer than two cores, it restores the
// original state, in which all share them.
func pin(forServers int) (*cores, string, error) {
	all, err := wholeMachine()
	if err != nil {
		return nil, "", err
	}
	if forServers < 1 || all.cores.Count() <= forServers {
		runtime.GOMAXPROCS(all.procs)
		return nil, fmt.Sprintf("not pinned: servers and loader share %d cores", all.cores.Count()), keepTo(&all.cores)
	}
	c := &cores{}
	var numbers [2][]int
	for i := range len(all.cores) * strconv.IntSize {
		switch {
		case !all.cores.IsSet(i):
		case c.server.Count() < forServers:
			c.server.Set(i)
			numbers[0] = append(numbers[0], i)
		default:
			c.loader.Set(i)
			numbers[1] = append(numbers[1], i)
		}
	}
	runtime.GOMAXPROCS(c.loader.Count())
	return c, fmt.Sprintf("pinned: servers to cores %v, loader to %v", numbers[0], numbers[1]), keepTo(&c.loader)
}

// keepTo moves this program's threads to cores. Later threads inherit the cores of the
// thread that creates them.
func keepTo(cores *unix.CPUSet) error {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, thread := range threads {
		id, err := strconv.Atoi(thread.Name())
		if err != nil {
			return err
		}
		if err := unix.SchedSetaffinity(id, cores); err != nil && err != unix.ESRCH { //nolint:errorlint // it has ended
			return fmt.Errorf("move this program to its cores: %w", err)
		}
	}
	return nil
}

// start starts a server on its cores: a process inherits those of the thread that
// creates it, from its first instruction on.
func (c *cores) start(command *exec.Cmd) error {
	if c == nil {
		return command.Start()
	}
	runtime.LockOSThread()
	if err := unix.SchedSetaffinity(0, &c.server); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("move to a server's cores: %w", err)
	}
	started := command.Start()
	if err := unix.SchedSetaffinity(0, &c.loader); err != nil {
		return fmt.Errorf("move back to the loader's cores: %w", err) // the thread stays locked, and ends with this goroutine
	}
	runtime.UnlockOSThread()
	return started
}
