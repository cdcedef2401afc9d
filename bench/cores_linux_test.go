package main

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// own returns the cores of the calling thread.
func own(t *testing.T) (cores unix.CPUSet) {
	t.Helper()
	if err := unix.SchedGetaffinity(0, &cores); err != nil {
		t.Fatal(err)
	}
	return cores
}

func TestASecondMeasurementHasTheSameCores(t *testing.T) {
	all, err := wholeMachine()
	if err != nil {
		t.Fatal(err)
	}
	if all.cores.Count() < 2 {
		t.Skip("NOT TESTED HERE: this needs two cores, one for servers and one for the loader; CI has them")
	}
	first, said, err := pin(1)
	if err != nil {
		t.Fatal(err)
	}
	second, again, err := pin(1)
	if err != nil || second == nil || *second != *first || again != said {
		t.Fatalf("the first pin returns %v, %s; the second %v, %s, %v", first, said, second, again, err)
	}
	if got := own(t); got != first.loader || runtime.GOMAXPROCS(0) != first.loader.Count() {
		t.Errorf("the loader has %d cores and runs on %d", got.Count(), runtime.GOMAXPROCS(0))
	}
	if nobody, said, err := pin(0); err != nil || nobody != nil || own(t) != all.cores || runtime.GOMAXPROCS(0) != all.procs {
		t.Errorf("nothing can be pinned, but pin returns %v, %s, %v", nobody, said, err)
	}
}
