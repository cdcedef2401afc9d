package commands_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"chatserver/chattest"
)

// Eight in a room read nothing, while somebody says 4 kB two hundred times a
// second. The others miss nothing and wait for nothing; the server holds little
// for the eight, and closes them with a code that says why.
func TestEightWhoReadNothingHurtOnlyThemselves(t *testing.T) {
	const slow, others, perSecond = 8, 12, 200
	messages := chattest.LongOr(30, 3) * perSecond
	program := chattest.StartProgram(t, "--data", t.TempDir(), "--rate", "0", "--byte-rate", "0")
	w := program.World()
	var readers []*chattest.Person
	stalled := map[string]*chattest.Person{} // by what is said when they are cut
	for i := range others {
		readers = append(readers, w.Connect(fmt.Sprint("reader", i), ""))
	}
	for i := range slow {
		p := w.Connect(fmt.Sprint("slow", i), "")
		p.TakesLittle()
		stalled[p.Name+" left the chat"] = p
	}
	before, peak := program.Memory(), int64(0)
	sentAt := make([]time.Time, messages)
	waits := make([][]time.Duration, others)
	var reading sync.WaitGroup
	for i, p := range readers {
		reading.Go(func() { waits[i] = delays(t, p, sentAt, func(string) {}) })
	}
	speaker, text := w.Connect("speaker", ""), strings.Repeat("x", 4<<10)
	var codes, cut atomic.Int64
	reading.Go(func() { // who speaks reads as well
		delays(t, speaker, sentAt, func(line string) {
			if p := stalled[line]; p != nil { // whoever reads on then hears why, before it is reset
				reading.Go(func() {
					switch code := endOf(p); {
					case code == 1013:
						codes.Add(1)
					case code == -1 && !chattest.Long(): // it read on too late on a machine that is slow
						cut.Add(1)
					default:
						t.Errorf("%s ends with %d", p.Name, code)
					}
				})
			}
		})
	})
	ticker := time.NewTicker(time.Second / perSecond)
	defer ticker.Stop()
	for n := range messages {
		<-ticker.C
		sentAt[n] = time.Now()
		speaker.Says(fmt.Sprint(n, " ", text))
		if n%20 == 0 {
			peak = max(peak, program.Memory())
		}
	}
	reading.Wait()
	if n := codes.Load(); n+cut.Load() != slow || n == 0 {
		t.Errorf("%d of %d who read nothing are closed with 1013", n, slow)
	}
	var all []time.Duration
	for _, of := range waits {
		all = append(all, of...)
	}
	p99, grown := chattest.Quantile(0.99, all), float64(peak-before)/(1<<20)
	if len(all) != others*messages || chattest.Exceeds(p99, time.Second) || grown > 64 {
		t.Errorf("%d messages were heard of %d, p99 %v, memory +%.0f MB", len(all), others*messages, p99, grown)
	}
	chattest.Figure(t, "P10", "8 who read nothing of %d messages of 4 kB, 200 a second: 12 others missed %d, p99 %.1f ms; memory +%.1f MB; the 8 closed with 1013",
		messages, others*messages-len(all), float64(p99.Microseconds())/1e3, grown)
}

// endOf reads until the end, and returns the code of the close frame, -1 without one.
func endOf(p *chattest.Person) websocket.StatusCode {
	for {
		if _, err := p.Line(); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

// delays is how long each message took, whose texts begin with their number, in
// that order; other is called for lines that are none.
func delays(t *testing.T, p *chattest.Person, sentAt []time.Time, other func(line string)) (took []time.Duration) {
	for len(took) < len(sentAt) {
		line, err := p.Line()
		if err != nil {
			t.Errorf("%s hears no more after %d: %v", p.Name, len(took), err)
			return took
		}
		_, said, is := strings.Cut(line, ": ")
		if !is {
			other(line) // somebody came or went
			continue
		}
		number, _, _ := strings.Cut(said, " ")
		if n, err := strconv.Atoi(number); err != nil || n != len(took) {
			t.Errorf("%s hears %.20q as no. %d", p.Name, said, len(took))
			return took
		}
		took = append(took, time.Since(sentAt[len(took)]))
	}
	return took
}
