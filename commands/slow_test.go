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

// Eight members of a room read nothing, while another one sends 4 kB two hundred times a
// second. The others miss nothing and are not delayed; the server buffers little for the
// eight, and closes them with a close code.
func TestSlowConsumersHurtOnlyThemselves(t *testing.T) {
	const slow, others, perSecond = 8, 12, 200
	messages := chattest.LongOr(30, 3) * perSecond
	program := chattest.StartProgram(t, "--data", t.TempDir(), "--rate", "0", "--byte-rate", "0")
	w := program.World()
	var readers []*chattest.Person
	stalled := map[string]*chattest.Person{} // by the message at which they are closed
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
	reading.Go(func() { // the sender reads as well
		delays(t, speaker, sentAt, func(line string) {
			if p := stalled[line]; p != nil { // reads the close frame before the connection is reset
				reading.Go(func() {
					switch code := endOf(p); {
					case code == 1013:
						codes.Add(1)
					case code == -1 && !chattest.Long(): // on a slow machine it read too late
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
		t.Errorf("%d of %d slow consumers are closed with 1013", n, slow)
	}
	var all []time.Duration
	for _, of := range waits {
		all = append(all, of...)
	}
	p99, grown := chattest.Quantile(0.99, all), float64(peak-before)/(1<<20)
	if len(all) != others*messages || chattest.Exceeds(p99, time.Second) || grown > 64 {
		t.Errorf("%d of %d messages were delivered, p99 %v, memory +%.0f MB", len(all), others*messages, p99, grown)
	}
	chattest.Figure(t, "P10", "8 who read nothing of %d messages of 4 kB, 200 a second: 12 others missed %d, p99 %.1f ms; memory +%.1f MB; the 8 closed with 1013",
		messages, others*messages-len(all), float64(p99.Microseconds())/1e3, grown)
}

// endOf reads to the end and returns the close code, -1 without a close frame.
func endOf(p *chattest.Person) websocket.StatusCode {
	for {
		if _, err := p.Line(); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

// delays returns the delivery time of each message. The texts begin with consecutive
// numbers; other is called for other lines.
func delays(t *testing.T, p *chattest.Person, sentAt []time.Time, other func(line string)) (took []time.Duration) {
	for len(took) < len(sentAt) {
		line, err := p.Line()
		if err != nil {
			t.Errorf("%s receives nothing after %d: %v", p.Name, len(took), err)
			return took
		}
		_, said, is := strings.Cut(line, ": ")
		if !is {
			other(line) // a join or leave
			continue
		}
		number, _, _ := strings.Cut(said, " ")
		if n, err := strconv.Atoi(number); err != nil || n != len(took) {
			t.Errorf("%s receives %.20q as no. %d", p.Name, said, len(took))
			return took
		}
		took = append(took, time.Since(sentAt[len(took)]))
	}
	return took
}
