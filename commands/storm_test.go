package commands_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"chatserver/chattest"
)

// Thousands of clients connect at once. Nearly all are connected soon, existing members
// notice no more than that, and the server is idle again soon after.
func TestAConnectionStormIsSurvived(t *testing.T) {
	sizes := []int{400}
	if chattest.Long() {
		sizes = []int{2000, 10_000} // limited by descriptors on both sides
	}
	for _, people := range sizes {
		t.Run(fmt.Sprint(people), func(t *testing.T) { rush(t, people) })
	}
}

func rush(t *testing.T, people int) {
	t.Helper()
	const inside = 30
	program := chattest.StartProgram(t, "--data", t.TempDir(), "--rate", "0", "--byte-rate", "0")
	w := program.World()
	var insiders []*chattest.Member
	for i := range inside {
		insiders = append(insiders, w.Join(fmt.Sprint("insider", i), "lobby"))
	}
	before := program.Memory()
	took := make([]time.Duration, people)
	newcomers := make([]*chattest.Person, people)
	var coming sync.WaitGroup
	begin := make(chan struct{})
	for i := range people {
		coming.Go(func() {
			<-begin
			began := time.Now()
			p, _, err := w.TryConnect(fmt.Sprint("newcomer", i), "", nil)
			if err != nil {
				return
			}
			if _, err := p.Line(); err == nil { // its own joined line, or another's
				took[i], newcomers[i] = time.Since(began), p
			}
		})
	}
	close(begin)
	coming.Wait()
	quiet := time.Now()
	for _, m := range insiders {
		m.Pings()
		if m.Opened() != 1 {
			t.Errorf("%s was disconnected", m.Name)
		}
	}
	quietAfter := comesToRest(t, program, quiet)
	grown := program.Memory() - before
	checkRush(t, took, newcomers)
	chattest.Figure(t, "P14", "%d at once beside 30 inside: %.2f %% in, p99 %.2f s; inside cut off 0; quiet %.1f s later; %.1f kB a connection",
		people, 100*float64(entered(newcomers))/float64(people), chattest.Quantile(0.99, took).Seconds(), quietAfter.Seconds(), float64(grown)/1e3/float64(people))
}

func entered(newcomers []*chattest.Person) (n int) {
	for _, p := range newcomers {
		if p != nil {
			n++
		}
	}
	return n
}

func checkRush(t *testing.T, took []time.Duration, newcomers []*chattest.Person) {
	t.Helper()
	if in := entered(newcomers); float64(in) < 0.995*float64(len(newcomers)) {
		t.Errorf("%d of %d are connected", in, len(newcomers))
	}
	if p99 := chattest.Quantile(0.99, took); chattest.Exceeds(p99, 5*time.Second) {
		t.Errorf("p99 is %v", p99)
	}
}

// comesToRest waits until the program uses less than a tenth of a core, and returns how
// long that took.
func comesToRest(t *testing.T, program *chattest.Program, since time.Time) time.Duration {
	t.Helper()
	const look = 500 * time.Millisecond
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for last := program.CPU(); ; {
		<-ticker.C
		used := program.CPU() - last
		last += used
		after := time.Since(since)
		if used < look/10 {
			return after
		}
		if chattest.Exceeds(after, 5*time.Second) || after > chattest.Patience {
			t.Errorf("after %v it still used %v in %v", after, used, look)
			return after
		}
	}
}
