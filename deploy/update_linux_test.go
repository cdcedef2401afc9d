package deploy_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"chatserver/chattest"
)

// The nodes of deploy/compose.ha.yaml are replaced one after the other behind its Caddy,
// while people talk and others join. No acknowledged message is lost or doubled, nobody
// waits long, and no new connection is refused. A stopping node waits before it stops
// listening, only as long as Caddy needs to notice.
func TestAnUpdateOfAllNodesIsHardlyNoticed(t *testing.T) {
	f := newUpdatedFleet(t)
	c := f.front.Company(t, "lobby", 5, 5, 0)
	var over atomic.Bool
	var going sync.WaitGroup
	defer going.Wait()
	defer over.Store(true) // also if a node does not end
	pauses, waits := make([]time.Duration, len(c.Writers)), time.Duration(0)
	for i, writer := range c.Writers {
		going.Go(func() {
			for began := time.Now(); !over.Load() && c.Says(writer); began = time.Now() {
				pauses[i] = max(pauses[i], time.Since(began))
			}
		})
	}
	came := 0
	going.Go(func() {
		for ; !over.Load() && !t.Failed(); came++ {
			waits = max(waits, f.somebodyComes(came))
		}
	})
	var took []time.Duration
	for _, node := range f.nodes {
		began := time.Now()
		f.replaces(node)
		took = append(took, time.Since(began))
	}
	over.Store(true)
	going.Wait()
	c.Agrees()
	pause := chattest.Quantile(1, pauses)
	if chattest.Exceeds(max(pause, waits), 10*time.Second) {
		t.Errorf("the longest wait was %v for an acknowledgement, %v for a new member's room", pause, waits)
	}
	chattest.Figure(t, "P23", "two nodes replaced in %v behind Caddy, %d messages: nobody waited longer than %.2f s for an acknowledgement, and none of %d newcomers longer than %.2f s",
		took, c.Said(), pause.Seconds(), came, waits.Seconds())
}

// When no node is up, the response has a Retry-After.
func TestClientsGetRetryAfterWhenNoNodeIsUp(t *testing.T) {
	f := newUpdatedFleet(t)
	for _, node := range f.nodes {
		node.Kill()
	}
	response, err := http.Get(f.front.URL("/"))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") != "5" || string(text) != "The chat is restarting. Try again in a moment." {
		t.Errorf("a request gets %d %v: %q, %v", response.StatusCode, response.Header, text, err)
	}
	for _, node := range f.nodes {
		node.Restart()
	}
	f.awaits(f.front.URL("/"))
}

// updatedFleet is two nodes behind the Caddy of deploy/caddy/Caddyfile.
type updatedFleet struct {
	t     *testing.T
	nodes []*chattest.Program
	ops   string          // the admin listener's port on every node
	front *chattest.World // the fleet as clients reach it
}

func newUpdatedFleet(t *testing.T) *updatedFleet {
	t.Helper()
	f := &updatedFleet{t: t, ops: portOf(chattest.FreeAddress(t))}
	database, nats, public := chattest.Database(t), chattest.StartNATS(t), portOf(chattest.FreeAddress(t))
	for _, host := range []string{"127.0.0.2", "127.0.0.3"} { // all nodes have the same ports, as in containers
		f.nodes = append(f.nodes, chattest.StartProgramAt(t, net.JoinHostPort(host, public), "--ops", net.JoinHostPort(host, f.ops),
			"--database", database, "--nats", nats.URL(), "--trusted-proxies", "127.0.0.1/32", "--rate", "0", "--byte-rate", "0"))
	}
	proxy := f.runCaddy()
	f.front = f.nodes[0].World().Behind(proxy)
	f.awaits("http://" + proxy + "/")
	return f
}

func portOf(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return port
}

// runCaddy runs Caddy as Compose does, with other addresses.
func (f *updatedFleet) runCaddy() (address string) {
	f.t.Helper()
	folder := f.t.TempDir()
	site := with(f.t, read(f.t, "caddy/Caddyfile"),
		"chat-a:9090", f.nodes[0].Address, "chat-b:9090", f.nodes[1].Address, "health_port 9797", "health_port "+f.ops,
		"stream_close_delay 24h", "") // Debian's Caddy does not know this option, which matters only when the file is reloaded
	address = chattest.FreeAddress(f.t)
	command := exec.Command(program(f.t, "caddy"), "run", "--adapter", "caddyfile", "--config", write(f.t, folder, "Caddyfile", "{\n\tadmin off\n}\n"+site)) //nolint:gosec // ours
	command.Env = append(os.Environ(), "FLEET_SITE=http://"+address, "XDG_DATA_HOME="+folder, "XDG_CONFIG_HOME="+folder, "HOME="+folder)
	command.Stdout, command.Stderr = f.t.Output(), f.t.Output()
	if err := command.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // it was killed
	})
	return address
}

// awaits waits until a URL returns 200.
func (f *updatedFleet) awaits(url string) {
	f.t.Helper()
	for deadline := time.Now().Add(chattest.Patience); f.status(url) != http.StatusOK; {
		if time.Now().After(deadline) {
			f.t.Fatalf("%s never becomes healthy", url)
		}
	}
}

// status returns the status of a URL, or 0 without an answer.
func (f *updatedFleet) status(url string) int {
	request, err := http.NewRequestWithContext(f.t.Context(), http.MethodGet, url, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// somebodyComes opens the page and joins the room, and returns how long that took. A
// visitor reconnects if the node begins to stop at that moment.
func (f *updatedFleet) somebodyComes(n int) time.Duration {
	began, name := time.Now(), fmt.Sprint("new", n)
	if status := f.status(f.front.URL("/rooms/night-watch")); status != http.StatusOK {
		f.t.Errorf("%s returns %d instead of the page", name, status)
	}
	for {
		person, response, err := f.front.TryConnect(name, "room=night-watch", nil)
		if err != nil {
			f.t.Errorf("%s was refused: %v, %v", name, response, err)
			return time.Since(began)
		}
		line, err := person.Line()
		person.IsCut()
		if websocket.CloseStatus(err) == websocket.StatusGoingAway {
			continue
		}
		if err != nil || !strings.HasPrefix(line, name) {
			f.t.Errorf("%s receives %q, %v", name, line, err)
		}
		return time.Since(began)
	}
}

// replaces stops a node and starts it again. One of its clients does not close its
// connection, so that the node takes its full grace period.
func (f *updatedFleet) replaces(node *chattest.Program) {
	f.t.Helper()
	if response, _ := node.World().Handshake("/chat/Stubborn", "Host", "x", "Upgrade", "websocket", "Connection", "Upgrade",
		"Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="); response.StatusCode != http.StatusSwitchingProtocols {
		f.t.Fatalf("a connection was refused: %v", response)
	}
	node.Signal(syscall.SIGTERM)
	if code := node.Ended(); code != 0 {
		f.t.Errorf("the node exits with %d:\n%s", code, node.Log())
	}
	if late := lastRefused(f.t, node.Log()); chattest.Exceeds(late, 3*time.Second) {
		f.t.Errorf("the node still gets new connections %v after it began to stop", late)
	}
	node.Restart()
	host, _, _ := net.SplitHostPort(node.Address)
	f.awaits("http://" + net.JoinHostPort(host, f.ops) + "/readyz")
}

// lastRefused returns the time from the start of a node's latest stop to the last
// connection that it refused.
func lastRefused(t *testing.T, log string) time.Duration {
	t.Helper()
	at := func(line string) time.Time {
		text, _, _ := strings.Cut(strings.TrimPrefix(line, "time="), " ")
		moment, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatalf("%q has no time: %v", line, err)
		}
		return moment
	}
	var stops, refused time.Time
	for line := range strings.Lines(log) {
		switch {
		case strings.Contains(line, "msg=stopping"):
			stops = at(line)
			refused = stops
		case strings.Contains(line, "status=503"):
			refused = at(line)
		}
	}
	return refused.Sub(stops)
}
