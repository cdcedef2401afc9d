package commands_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"chatserver/chattest"
)

// crowd is many clients that connect at once over raw sockets, and what became of them.
type crowd struct {
	mu      sync.Mutex
	conns   []net.Conn
	inside  int
	refused int // with 503 and Retry-After
	cut     int
	wrong   []string
}

// comes opens this many WebSockets at once, and then sends more on each.
func (c *crowd) comes(address string, first, people int, more []byte) {
	var coming sync.WaitGroup
	for i := range people {
		coming.Go(func() {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				c.note(nil, "", err)
				return
			}
			_ = conn.SetDeadline(time.Now().Add(chattest.Patience))
			_, err = fmt.Fprintf(conn, "GET /chat/guest%d HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
				"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", first+i, address)
			if err != nil {
				c.note(conn, "", err)
				return
			}
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				c.note(conn, "", err)
				return
			}
			_ = response.Body.Close()
			what := response.Status
			if response.StatusCode == http.StatusServiceUnavailable && response.Header.Get("Retry-After") == "" {
				what += " without a time to come again"
			}
			if response.StatusCode == http.StatusSwitchingProtocols {
				_, err = conn.Write(more)
			}
			c.note(conn, what, err)
		})
	}
	coming.Wait()
}

func (c *crowd) note(conn net.Conn, status string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if conn != nil {
		c.conns = append(c.conns, conn)
	}
	switch {
	case err != nil:
		c.cut++
	case strings.HasPrefix(status, "101"):
		c.inside++
	case status == "503 Service Unavailable":
		c.refused++
	default:
		c.wrong = append(c.wrong, status)
	}
}

// isSilent opens this many connections that send nothing.
func (c *crowd) isSilent(address string, people int) {
	for range people {
		if conn, err := net.Dial("tcp", address); err == nil {
			c.conns = append(c.conns, conn)
		}
	}
}

func (c *crowd) goes() {
	for _, conn := range c.conns {
		_ = conn.(*net.TCPConn).SetLinger(0) // so that all can close at once
		_ = conn.Close()
	}
}

// slowest sends this many messages and returns the longest time until one was delivered.
func slowest(p *chattest.Person, times int, every time.Duration) (longest time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for n := range times {
		began := time.Now()
		p.Says(fmt.Sprint("word ", n))
		for line := ""; !strings.HasSuffix(line, fmt.Sprint(": word ", n)); {
			var err error
			if line, err = p.Line(); err != nil {
				return time.Hour
			}
		}
		longest = max(longest, time.Since(began))
		<-ticker.C
	}
	return longest
}

// servedAgain returns how long it takes until a new connection is accepted.
func servedAgain(t *testing.T, w *chattest.World, name string) time.Duration {
	t.Helper()
	began := time.Now()
	for time.Since(began) < chattest.Patience {
		if p, _, err := w.TryConnect(name, "room=quiet", nil); err == nil {
			p.Hears(name + " connected to chat")
			return time.Since(began)
		}
	}
	t.Fatalf("%s is never accepted", name)
	return 0
}

// The server has 256 descriptors, and a hundred more clients connect. Existing members
// notice nothing, the others get an error, and are accepted once descriptors are free.
func TestTooFewDescriptorsHurtNobodyInside(t *testing.T) {
	program := chattest.StartProgramWithFiles(t, 256, "--data", t.TempDir(), "--rate", "0", "--byte-rate", "0")
	w := program.World()
	ann := w.Connect("Ann", "room=quiet")
	ann.Hears("Ann connected to chat")
	var c crowd
	cpu, began := program.CPU(), time.Now()
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.comes(program.Address, 0, 356, nil)
		c.isSilent(program.Address, 356)
	}()
	longest := slowest(ann, 40, 50*time.Millisecond)
	<-done
	longest = max(longest, slowest(ann, 40, 50*time.Millisecond))
	share := float64(program.CPU()-cpu) / float64(time.Since(began))
	if c.inside < 150 || c.inside+c.refused < 300 || len(c.wrong) > 0 {
		t.Errorf("%d are connected, %d were refused and %d cut; others got %q", c.inside, c.refused, c.cut, c.wrong)
	}
	if chattest.Exceeds(longest, time.Second) || share > 0.5 {
		t.Errorf("for members the slowest answer took %v, and the program used %.2f of a core", longest, share)
	}
	program.Logs("new connections are refused")
	c.goes()
	again := servedAgain(t, w, "Bob")
	if chattest.Exceeds(again, 5*time.Second) {
		t.Errorf("it took %v until a new connection was accepted", again)
	}
	chattest.Figure(t, "P13", "256 descriptors, 356 handshakes and 356 silent: %d inside, %d refused with 503, %d cut; inside at most %v, CPU %.0f %%, served again after %v",
		c.inside, c.refused, c.cut, longest.Round(time.Millisecond), 100*share, again.Round(time.Millisecond))
}

// When memory runs short, new connections are refused, and existing members continue.
// Once others have left, new connections are accepted again. The memory is filled with
// incomplete messages.
func TestTooLittleMemoryHurtsNobodyInside(t *testing.T) {
	program := chattest.StartProgramWithMemory(t, "40MiB", "--data", t.TempDir(), "--rate", "0", "--byte-rate", "0")
	w := program.World()
	ann := w.Connect("Ann", "room=quiet")
	ann.Hears("Ann connected to chat")
	half := append([]byte("\x01\xfe\x1f\x00\x00\x00\x00\x00"), strings.Repeat("x", 0x1F00)...) // the rest never arrives
	var c crowd
	for c.refused == 0 && c.inside < 5000 && len(c.wrong) == 0 {
		c.comes(program.Address, c.inside+c.refused, 100, half)
	}
	if c.refused == 0 || len(c.wrong) > 0 || c.cut > 0 {
		t.Fatalf("%d are connected, %d were refused and %d cut; others got %q", c.inside, c.refused, c.cut, c.wrong)
	}
	inside := c.inside
	for range 5 {
		c.comes(program.Address, c.inside+c.refused, 100, half)
	}
	if c.inside > inside+100 {
		t.Errorf("after the first was refused, %d more were accepted", c.inside-inside)
	}
	longest := slowest(ann, 40, 10*time.Millisecond)
	if chattest.Exceeds(longest, time.Second) {
		t.Errorf("for members the slowest answer took %v", longest)
	}
	most := program.Memory() // of which the race detector takes most
	c.goes()
	again := servedAgain(t, w, "Bob")
	if chattest.Exceeds(again, 5*time.Second) {
		t.Errorf("it took %v until a new connection was accepted", again)
	}
	chattest.Figure(t, "P13", "GOMEMLIMIT 40 MiB: %d inside, %d refused with 503; inside at most %v, %d MB occupied, served again after %v",
		c.inside, c.refused, longest.Round(time.Millisecond), most>>20, again.Round(time.Millisecond))
}
