package commands_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"chatserver/chattest"
)

// authority is Let's Encrypt's own ACME test server (Pebble), with a DNS in which every
// domain is this machine.
type authority struct {
	t       *testing.T
	folder  string
	address string
	trusted string // file of the certificate that its directory has
	stop    func()
	log     *os.File
}

// newAuthority returns an authority that is not running yet.
func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, folder: t.TempDir(), address: chattest.FreeAddress(t), stop: func() {}}
	a.trusted = filepath.Join(a.folder, "cert.pem")
	chattest.WriteCertificate(t, a.trusted, filepath.Join(a.folder, "key.pem"), "localhost", 1)
	t.Cleanup(func() { a.stop() })
	return a
}

// directory returns the value for --tls-acme.
func (a *authority) directory() string {
	return "https://" + strings.Replace(a.address, "127.0.0.1", "localhost", 1) + "/dir"
}

// start starts the authority, which validates domains at a port, and returns the root
// certificate to trust.
func (a *authority) start(port int) *x509.CertPool {
	a.t.Helper()
	management, dns := chattest.FreeAddress(a.t), chattest.FreeAddress(a.t)
	settings, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": a.address, "managementListenAddress": management, "certificate": a.trusted, "privateKey": filepath.Join(a.folder, "key.pem"),
		"httpPort": port, "tlsPort": port, "keyAlgorithm": "ecdsa", "retryAfter": map[string]int{"authz": 1, "order": 1},
	}})
	if err != nil {
		a.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(a.folder, "pebble.json"), settings, 0o600); err != nil {
		a.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	a.stop = stop
	a.run(ctx, "pebble-challtestsrv", "-dnsserver", dns, "-defaultIPv6", "", "-management", chattest.FreeAddress(a.t), "-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", "")
	a.run(ctx, "pebble", "-config", filepath.Join(a.folder, "pebble.json"), "-dnsserver", dns, "-strict")
	for _, address := range []string{a.address, management, dns} {
		awaitPort(a.t, address)
	}
	own := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool(a.t, a.read(a.trusted)), ServerName: "localhost"}}}
	defer own.CloseIdleConnections()
	return pool(a.t, body(a.t, own, "https://"+management+"/roots/0"))
}

// run runs one of the tools until the context ends.
func (a *authority) run(ctx context.Context, name string, args ...string) {
	a.t.Helper()
	program := filepath.Join(a.folder, name)
	build := exec.CommandContext(ctx, "go", "build", "-modfile=tools/go.mod", "-o", program, "github.com/letsencrypt/pebble/v2/cmd/"+name) //nolint:gosec // ours
	build.Dir = ".."
	if said, err := build.CombinedOutput(); err != nil {
		a.t.Fatalf("build %s: %v\n%s", name, err, said)
	}
	log, err := os.Create(program + ".log")
	if err != nil {
		a.t.Fatal(err)
	}
	a.log = log                                           // the authority's own log is set last
	command := exec.CommandContext(ctx, program, args...) //nolint:gosec // ours
	command.Stdout, command.Stderr = log, log
	command.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1")
	if err := command.Start(); err != nil {
		a.t.Fatal(err)
	}
	stop := a.stop
	a.stop = func() {
		stop()
		_ = command.Wait() // it was killed
		_ = log.Close()
	}
}

func (a *authority) read(name string) string {
	a.t.Helper()
	content, err := os.ReadFile(name) //nolint:gosec // ours
	if err != nil {
		a.t.Fatal(err)
	}
	return string(content)
}

// awaitPort waits until a program listens.
func awaitPort(t *testing.T, address string) {
	t.Helper()
	for deadline := time.Now().Add(chattest.Patience); ; {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
			return
		}
		if !errors.Is(err, syscall.ECONNREFUSED) || time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func pool(t *testing.T, pem string) *x509.CertPool {
	t.Helper()
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM([]byte(pem)) {
		t.Fatalf("no certificate: %s", pem)
	}
	return authorities
}

func body(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	response, err := client.Get(url) //nolint:noctx // it ends with the test's server
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v", url, response.StatusCode, err)
	}
	return string(page)
}

// at returns a browser for which every host is at one address.
func at(address string, trusted *x509.CertPool) *http.Client {
	return &http.Client{Timeout: chattest.Patience, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: trusted},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, address)
		},
	}}
}

// serial returns the serial number of the certificate that is served for a domain.
func serial(t *testing.T, address, domain string, trusted *x509.CertPool) string {
	t.Helper()
	conn, err := tls.Dial("tcp", address, &tls.Config{ServerName: domain, RootCAs: trusted})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
}

// The first request for a domain obtains its certificate. It is stored, and a restart
// does not request another one.
func TestACertificateIsObtainedAutomatically(t *testing.T) {
	t.Parallel()
	authority, data := newAuthority(t), t.TempDir()
	chat := chattest.StartProgramThatTrusts(t, authority.trusted, "--data", data, "--tls-domains", "chat.example,www.chat.example", "--tls-acme", authority.directory())
	address, err := net.ResolveTCPAddr("tcp", chat.Address)
	if err != nil {
		t.Fatal(err)
	}
	trusted := authority.start(address.Port)
	browser := at(chat.Address, trusted)
	defer browser.CloseIdleConnections()

	if page := body(t, browser, "https://chat.example/"); !strings.Contains(page, "wss://chat.example/chat/you") {
		t.Error("the page does not know that it is safe")
	}
	ctx, cancel := context.WithTimeout(t.Context(), chattest.Patience)
	defer cancel()
	ann, _, err := websocket.Dial(ctx, "wss://chat.example/chat/Ann", &websocket.DialOptions{HTTPClient: browser}) //nolint:bodyclose // the library's
	if err != nil {
		t.Fatal(err)
	}
	defer ann.CloseNow() //nolint:errcheck // it is over
	hears(ctx, t, ann, "Ann connected to chat")

	for _, other := range []string{"evil.example", "chat.example.evil.example", "sub.chat.example", ""} {
		conn, err := tls.Dial("tcp", chat.Address, &tls.Config{ServerName: other, InsecureSkipVerify: true}) //nolint:gosec // there is nothing to verify
		if err == nil {
			_ = conn.Close()
			t.Errorf("there is a certificate for %q", other)
		}
	}
	if log := authority.read(authority.log.Name()); strings.Contains(log, "evil") || strings.Contains(log, "sub.chat") || !strings.Contains(log, "chat.example") {
		t.Errorf("other certificates were requested:\n%s", log)
	}

	first := serial(t, chat.Address, "chat.example", trusted)
	kept, err := os.Stat(filepath.Join(data, "certificates", "chat.example"))
	if err != nil || kept.Mode().Perm() != 0o600 {
		t.Errorf("it is stored as %v, %v", kept, err)
	}
	said, err := chattest.Command("healthcheck", "--listen", chat.Address, "--tls-domains", "chat.example").CombinedOutput()
	if err != nil {
		t.Errorf("the healthcheck fails: %v %s", err, said)
	}
	authority.stop()
	chat.Signal(syscall.SIGTERM)
	if code := chat.Ended(); code != 0 {
		t.Errorf("it ends with %d", code)
	}
	chat.Restart()
	if again := serial(t, chat.Address, "chat.example", trusted); again != first {
		t.Errorf("after a restart it is the certificate %s, and was %s", again, first)
	}
}

// Browsers only report that there is no secure connection, so the log gives the reason.
func TestACertificateThatCannotBeObtainedIsLogged(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	chat := chattest.StartProgramThatTrusts(t, authority.trusted, "--data", t.TempDir(), "--tls-domains", "chat.example", "--tls-acme", authority.directory())
	for _, domain := range []string{"evil.example", "chat.example", "chat.example"} {
		if conn, err := tls.Dial("tcp", chat.Address, &tls.Config{ServerName: domain, InsecureSkipVerify: true}); err == nil { //nolint:gosec // as above
			_ = conn.Close()
			t.Errorf("there is a certificate for %s", domain)
		}
	}
	chat.Logs("could not obtain a certificate")
	if log := chat.Log(); strings.Count(log, "could not obtain") != 1 || !strings.Contains(log, "domain=chat.example") || !strings.Contains(log, "connection refused") {
		t.Errorf("it logs\n%s", log)
	}
}
