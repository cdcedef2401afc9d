package commands_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/commands"
	"chatserver/config"
	"chatserver/store"
)

func TestMain(m *testing.M) { chattest.Main(m) }

// Every delivered message was stored before: after a crash it is there, in the same
// order, and nothing else is.
func TestDeliveredMessagesSurviveAKill(t *testing.T) {
	for range 3 { // the point is a kill at a bad moment
		whatWasHeardSurvivesAKill(t)
	}
}

func whatWasHeardSurvivesAKill(t *testing.T) {
	t.Helper()
	const people = 10
	folder := t.TempDir()
	program := chattest.StartProgram(t, "--data", folder, "--rate", "0", "--byte-rate", "0")
	world := program.World()
	listener := world.Connect("listener", "")
	listener.Hears("listener connected to chat")
	for i := range people {
		p := world.Connect(fmt.Sprint("p", i), "")
		go func() {
			for n := 0; p.TrySay(fmt.Sprint(n)) == nil; n++ {
			}
		}()
	}
	var heard []string
	for len(heard) < 300 {
		line, err := listener.Line()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(line, ": ") {
			heard = append(heard, line)
		}
	}
	program.Kill()
	for { // includes what was in transit when the server died
		line, err := listener.Line()
		if err != nil {
			break
		}
		if strings.Contains(line, ": ") {
			heard = append(heard, line)
		}
	}
	stored := storedLines(t, folder)
	if len(stored) < len(heard) {
		t.Fatalf("%d were delivered, but %d are stored", len(heard), len(stored))
	}
	for i, line := range heard { // a member from the beginning received everything
		if stored[i] != line {
			t.Fatalf("%q is stored where %q was delivered", stored[i], line)
		}
	}
	last := stored[len(stored)-1]
	chattest.StartProgram(t, "--data", folder).World().Connect("reader", "history=1").Hears(last, "reader connected to chat")
}

// storedLines returns the messages of the lobby in plain-text framing.
func storedLines(t *testing.T, folder string) []string {
	t.Helper()
	db, err := store.OpenSQLite(context.Background(), folder, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	page, err := db.Changes(context.Background(), chat.Lobby, 0, chat.Limit{Messages: math.MaxInt32})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, message := range page.Messages {
		lines = append(lines, message.From+": "+message.Text)
	}
	return lines
}

// On shutdown, every connection gets a close frame after the last message, and health
// checks fail from then on.
func TestAShutdownIsGracefulAndLosesNothing(t *testing.T) {
	const people = 200
	folder := t.TempDir()
	program := chattest.StartProgram(t, "--data", folder, "--rate", "0", "--byte-rate", "0")
	world := program.World()
	var (
		goodbyes atomic.Int64
		sentHere atomic.Int64 // new connections routed here by a load balancer after the first close frame
		acked    sync.Map
		wg       sync.WaitGroup
		started  sync.WaitGroup
	)
	var all []*chattest.Person
	for i := range people {
		p := world.Connect(fmt.Sprint("p", i), fmt.Sprint("room=r", i))
		p.Hears(p.Name + " connected to chat")
		all = append(all, p)
	}
	started.Add(people)
	for i, p := range all {
		wg.Go(func() {
			code, heard := p.TalksUntilClosed(started.Done)
			if code == 1001 {
				goodbyes.Add(1)
			}
			if isWell(program.Address) {
				sentHere.Add(1)
			}
			acked.Store(fmt.Sprint("r", i), heard)
		})
	}
	started.Wait()
	began := time.Now()
	program.Signal(syscall.SIGTERM)
	wg.Wait()
	if code := program.Ended(); code != 0 {
		t.Errorf("it ends with %d:\n%s", code, program.Log())
	}
	took := time.Since(began)
	if chattest.Exceeds(took, 10*time.Second) {
		t.Errorf("it takes %v to stop", took)
	}
	if n := sentHere.Load(); n > 0 {
		t.Errorf("%d got a close frame while the server still reported itself healthy", n)
	}
	chattest.Figure(t, "P4", "%d of %d closed with 1001; %d healthy answers after the first close frame; exit 0 after %.2f s",
		goodbyes.Load(), people, sentHere.Load(), took.Seconds())
	if goodbyes.Load() != people {
		t.Errorf("%d of %d got 1001", goodbyes.Load(), people)
	}
	again := chattest.StartProgram(t, "--data", folder).World()
	acked.Range(func(room, lines any) bool {
		heard := lines.([]string)
		heard = heard[max(0, len(heard)-100):]
		reader := again.Connect("reader", fmt.Sprintf("room=%s&history=%d", room, len(heard)))
		reader.Hears(heard...) // exactly the last ones, so nothing was stored without being delivered
		return true
	})
}

// isWell reports whether a server is ready for new connections.
func isWell(address string) bool {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: chattest.Patience}
	answer, err := client.Get("http://" + address + "/healthz")
	if err != nil {
		return false
	}
	_ = answer.Body.Close() // not read
	return answer.StatusCode == http.StatusOK
}

// Browsers open connections in advance, and a request may be incomplete. A shutdown does
// not wait for either: not for the hour in which the server would wait for a request.
func TestAShutdownDoesNotWaitForIdleClients(t *testing.T) {
	t.Parallel()
	world := chattest.NewWorld(t, chattest.RequestsWithin(time.Hour))
	for _, request := range []string{"", "GET / HTTP/1.1\r\nHost: x\r\n", "GET /healthz HTTP/1.1\r\nHost: " + world.Address() + "\r\n\r\n"} {
		conn := world.Dial()
		if _, err := conn.Write([]byte(request)); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(request, "\r\n\r\n") {
			if _, err := conn.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
		}
	}
	world.Stop()
}

// A shutdown waits for a client that never closes its connection, but not forever, even
// if others must be closed first.
func TestAShutdownEndsAlthoughAClientNeverCloses(t *testing.T) {
	t.Parallel() // it waits for seconds
	program := withAStubborn(t)
	var c crowd
	if chattest.Long() {
		c.comes(program.Address, 0, 2000, nil)
	}
	began := time.Now()
	program.Signal(syscall.SIGTERM)
	toldAt(c.conns)
	if code := program.Ended(); code != 0 {
		t.Errorf("it ends with %d:\n%s", code, program.Log())
	}
	took := time.Since(began)
	if chattest.Exceeds(took, 10*time.Second) {
		t.Errorf("it takes %v to stop", took)
	}
	chattest.Figure(t, "P4", "with a client that never closes: exit 0 after %.1f s", took.Seconds())
}

// withAStubborn starts a program with a client that never closes its connection: a
// shutdown waits for it.
func withAStubborn(t *testing.T) *chattest.Program {
	t.Helper()
	program := chattest.StartProgram(t, "--data", t.TempDir())
	stubborn, err := net.Dial("tcp", program.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stubborn.Close() })
	_, err = fmt.Fprintf(stubborn, "GET /chat/Stubborn HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", program.Address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stubborn.Read(make([]byte, 1)); err != nil { // joined
		t.Fatal(err)
	}
	return program
}

func TestASecondSignalExitsImmediately(t *testing.T) {
	program := withAStubborn(t)
	program.Signal(syscall.SIGINT)
	program.Logs("stopping")
	began := time.Now()
	program.Signal(syscall.SIGTERM)
	if code := program.Ended(); code == 0 {
		t.Error("it reports success")
	}
	took := time.Since(began)
	if chattest.Exceeds(took, 8*time.Second) { // waiting for the client would take 10 s, and end with success
		t.Errorf("it takes %v to exit", took)
	}
	chattest.Figure(t, "P4", "a second signal ends it after %.2f s", took.Seconds())
}

func TestItStartsWithNothingAtAll(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "data")
	program := chattest.StartProgram(t, "--data", folder)
	ann := program.World().Connect("Ann", "")
	ann.Hears("Ann connected to chat")
	if _, err := os.Stat(filepath.Join(folder, "chat.db")); err != nil {
		t.Error(err)
	}
}

// ownFolder returns an empty private folder, for which the log has no warning.
func ownFolder(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	return folder
}

// An error is one clear sentence, and the exit code distinguishes an invalid setting from
// a failure.
func TestAFailedStartGivesTheReason(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	used := t.TempDir()
	chattest.StartProgram(t, "--data", used)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	damaged := ownFolder(t)
	if err := os.WriteFile(filepath.Join(damaged, "chat.db"), []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	free := []string{"--listen", "127.0.0.1:0", "--ops", "off", "--data"}
	for _, test := range []struct {
		what string
		args []string
		env  string
		code int
		says string
	}{
		{"an unknown flag", []string{"--color"}, "", 2, "unknown flag --color"},
		{"an unknown command", []string{"dance"}, "", 2, "unexpected argument dance"},
		{"an unknown environment variable", append(free, t.TempDir()), "CHAT_LISTN=:1", 2, "unknown environment variable CHAT_LISTN"},
		{"an invalid number", []string{"--rate", "fast"}, "", 2, "--rate"},
		{"a negative number", []string{"--max-rooms=-1"}, "", 2, "--max-rooms must not be negative"},
		{"an invalid address", []string{"--listen", "here"}, "", 2, "--listen: \"here\" is not an address"},
		{"an invalid port", []string{"--listen", ":99999"}, "", 2, "--listen"},
		{"a message that fills a queue", []string{"--max-text", "32769"}, "", 2, "from 1 to 32768"},
		{"a wrong setting in the environment", nil, "CHAT_MAX_TEXT=0", 2, "--max-text"},
		{"an origin with a path", []string{"--origins", "https://a.example/"}, "", 2, "--origins"},
		{"a base URL without a scheme", []string{"--base-url", "chat.example/team"}, "", 2, "--base-url: \"chat.example/team\" is not a URL like https://chat.example/team/"},
		{"a base URL with another scheme", nil, "CHAT_BASE_URL=ftp://chat.example/", 2, "--base-url"},
		{"a base with a query", []string{"--base-url", "https://chat.example/?a=b"}, "", 2, "--base-url"},
		{"a base with a password", []string{"--base-url", "https://ann:xxxxx@chat.example/"}, "", 2, "--base-url: \"https://ann:xxxxx@"},
		{"an authority without https", []string{"--tls-domains", "chat.example", "--tls-acme", "http://acme.example/"}, "", 2, "--tls-acme"},
		{"a proxy that is not a network", []string{"--trusted-proxies", "proxy"}, "", 2, "--trusted-proxies"},
		{"a port in use", []string{"--listen", taken.Addr().String(), "--ops", "off", "--data", t.TempDir()}, "", 1, "is already in use"},
		{"an admin port in use", []string{"--listen", "127.0.0.1:0", "--ops", taken.Addr().String(), "--data", t.TempDir()}, "", 1, "choose another address with --ops"},
		{"a data directory that is a file", append(free, file), "", 1, "data directory"},
		{"a data directory in use", append(free, used), "", 1, "another chatserver is running"},
		{"a damaged database", append(free, damaged), "", 1, "is damaged"},
	} {
		command := chattest.Command(test.args...)
		if test.env != "" {
			command.Env = append(command.Env, test.env)
		}
		out, err := command.CombinedOutput()
		if err == nil || command.ProcessState.ExitCode() != test.code {
			t.Errorf("%s: exit code %d", test.what, command.ProcessState.ExitCode())
		}
		if said := string(out); strings.Count(said, "\n") != 1 || !strings.Contains(said, test.says) || !strings.HasPrefix(said, "chatserver: ") {
			t.Errorf("%s: it says %q", test.what, said)
		}
	}
}

// The program prints the URL at which people reach it, not the address that it listens
// on.
func TestTheProgramPrintsItsURL(t *testing.T) {
	program := chattest.Command("--listen", "127.0.0.1:0", "--ops", "off", "--data", t.TempDir(), "--base-url", "https://chat.example/team/")
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	said, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(said, "chatserver is running at https://chat.example/team/ ") {
		t.Errorf("it says %q, %v", said, err)
	}
	if err := program.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := program.Wait(); err != nil {
		t.Errorf("it ends with %v", err)
	}
}

// A failed start leaves nothing behind, at whatever step it failed.
func TestAFailedStartLeavesNothing(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	there := goleak.IgnoreCurrent()
	c := config.Config{Listen: "127.0.0.1:0", Ops: "off", Data: t.TempDir(), BackupEvery: time.Hour, BackupKeep: 1, BackupFolder: file}
	if _, err := commands.Start(c, commands.Options{Log: slog.New(slog.DiscardHandler)}); err == nil || !strings.Contains(err.Error(), "--backup-folder") {
		t.Fatalf("it starts with a folder that is a file: %v", err)
	}
	goleak.VerifyNone(t, there)
}

func TestSettingsOfKubernetesAreNotOurs(t *testing.T) {
	program := chattest.Command("version")
	program.Env = append(program.Env, "CHAT_SERVICE_HOST=10.0.0.1", "CHAT_SERVICE_PORT=80", "CHAT_PORT=tcp://10.0.0.1:80", "CHAT_PORT_80_TCP_ADDR=10.0.0.1")
	if out, err := program.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestHelpIsTheReference(t *testing.T) {
	out, err := chattest.Command("--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, setting := range []string{"listen", "ops", "data", "origins", "rate", "max-text", "max-connections", "max-per-address", "max-rooms", "min-free-disk", "announce-limit", "trusted-proxies"} {
		if env := "$CHAT_" + strings.ToUpper(strings.ReplaceAll(setting, "-", "_")); !strings.Contains(string(out), "--"+setting) || !strings.Contains(string(out), env) {
			t.Errorf("--help lacks --%s and %s", setting, env)
		}
	}
}

func TestAContainerCanCheckItsHealth(t *testing.T) {
	program := chattest.StartProgram(t, "--data", t.TempDir())
	if out, err := chattest.Command("healthcheck", "--listen", program.Address).CombinedOutput(); err != nil {
		t.Errorf("for a healthy server: %v %s", err, out)
	}
	program.Kill()
	if out, err := chattest.Command("healthcheck", "--listen", program.Address).CombinedOutput(); err == nil || !strings.Contains(string(out), "does not answer") {
		t.Errorf("for a stopped server: %v %s", err, out)
	}
}

// The address of one network interface has a zone, which a URL must escape.
func TestAServerAtAZonedAddressCanBeChecked(t *testing.T) {
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(interfaces, func(i net.Interface) bool { return i.Flags&net.FlagLoopback != 0 })
	if at < 0 {
		t.Fatal("no loopback interface")
	}
	program := chattest.StartProgramAt(t, "[::1%"+interfaces[at].Name+"]:0", "--data", t.TempDir())
	_, port, err := net.SplitHostPort(program.Address)
	if err != nil {
		t.Fatal(err)
	}
	listen := "[::1%" + interfaces[at].Name + "]:" + port
	if out, err := chattest.Command("healthcheck", "--listen", listen).CombinedOutput(); err != nil {
		t.Errorf("for a healthy server: %v %s", err, out)
	}
	out, err := chattest.Command("doctor", "--listen", listen, "--ops", "off", "--data", t.TempDir()).CombinedOutput()
	if !strings.Contains(string(out), "--listen "+listen+": a chatserver answers") {
		t.Errorf("doctor: %v %s", err, out)
	}
}

// A proxy in the environment is for other requests: it would answer instead of the
// server.
func TestTheHealthCheckUsesNoProxy(t *testing.T) {
	program := chattest.StartProgramAt(t, "0.0.0.0:0", "--data", t.TempDir())
	_, port, err := net.SplitHostPort(program.Address)
	if err != nil {
		t.Fatal(err)
	}
	command := chattest.Command("healthcheck", "--listen", net.JoinHostPort(chattest.OwnAddress(t), port)) // proxies are not used for loopback
	command.Env = append(command.Env, "HTTP_PROXY=http://127.0.0.1:1", "HTTPS_PROXY=http://127.0.0.1:1", "http_proxy=http://127.0.0.1:1", "NO_PROXY=", "no_proxy=")
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("for a healthy server: %v %s", err, out)
	}
}

func TestIPv4AndIPv6AreServed(t *testing.T) {
	world := chattest.NewWorld(t, chattest.OnAllAddresses())
	_, port, err := net.SplitHostPort(world.Address())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "::1"} {
		conn, err := net.Dial("tcp", net.JoinHostPort(host, port))
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		_ = conn.Close()
	}
}
