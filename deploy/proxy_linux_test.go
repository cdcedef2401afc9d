package deploy_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"chatserver/chattest"
)

// snippet returns the part of docs/tls.md after the line that begins with a text, so
// that the tests run what people copy.
func snippet(t *testing.T, section, begins string) string {
	t.Helper()
	_, rest, found := strings.Cut(read(t, "../docs/tls.md"), "\n## "+section+"\n")
	rest, _, _ = strings.Cut(rest, "\n## ")
	_, rest, also := strings.Cut(rest, "\n"+begins)
	match := regexp.MustCompile("(?s)\n```[a-z]*\n(.*?)\n```\n").FindStringSubmatch(rest)
	if !found || !also || match == nil {
		t.Fatalf("docs/tls.md has nothing for %s: %s", section, begins)
	}
	return match[1]
}

// with replaces the parts that differ between installations, each of which the snippet
// must contain.
func with(t *testing.T, snippet string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(snippet, pairs[i]) {
			t.Fatalf("docs/tls.md has no %q in\n%s", pairs[i], snippet)
		}
		snippet = strings.ReplaceAll(snippet, pairs[i], pairs[i+1])
	}
	return snippet
}

// proxy is a running proxy, as clients on the network see it.
type proxy struct {
	t       *testing.T
	address string
	trusted *x509.CertPool
}

// run runs a proxy until the test ends, and waits until it serves.
func (p *proxy) run(command *exec.Cmd) {
	p.t.Helper()
	command.Stdout, command.Stderr = p.t.Output(), p.t.Output()
	if err := command.Start(); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = command.Wait() // it is stopped below
	}()
	p.t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM) // nginx ends its workers only on SIGTERM
		<-ended
	})
	for deadline := time.Now().Add(chattest.Patience); ; {
		// Caddy listens before it has its certificate.
		conn, err := tls.Dial("tcp", p.address, &tls.Config{ServerName: "chat.example", InsecureSkipVerify: true}) //nolint:gosec // it is asked again below
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-ended:
			p.t.Fatalf("%s has ended", command.Path)
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			p.t.Fatal(err)
		}
	}
}

// newNginx runs nginx in front of a chat, configured as in the docs. change, if not nil,
// changes that configuration.
func newNginx(t *testing.T, chat string, change func(string) string) *proxy {
	t.Helper()
	folder := t.TempDir()
	p := &proxy{t: t, address: chattest.FreeAddress(t), trusted: x509.NewCertPool()}
	cert, key := filepath.Join(folder, "chat.pem"), filepath.Join(folder, "chat.key")
	chattest.WriteCertificate(t, cert, key, "chat.example", 1)
	p.trusted.AppendCertsFromPEM([]byte(read(t, cert)))
	site := with(t, snippet(t, "Behind a proxy", "nginx, within `http`"),
		"listen 443 ssl", "listen "+p.address+" ssl", "/etc/ssl/chat.pem", cert, "/etc/ssl/chat.key", key, "127.0.0.1:9090", chat)
	if change != nil {
		site = change(site)
	}
	user, temps := "", ""
	if os.Geteuid() == 0 {
		user = "user root;" // its workers must be able to read the directory
	}
	for _, what := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temps += what + "_temp_path " + filepath.Join(folder, what) + ";\n"
	}
	whole := fmt.Sprintf("%s\ndaemon off;\nworker_processes 1;\npid %s/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n%s%s\n}\n", user, folder, temps, site)
	p.run(exec.CommandContext(context.Background(), program(t, "nginx"), "-p", folder, "-e", "stderr", "-c", write(t, folder, "nginx.conf", whole))) //nolint:gosec // ours
	return p
}

// newCaddy runs Caddy in front of a chat, configured as in a section of the docs, but
// with its internal certificate authority instead of a public one.
func newCaddy(t *testing.T, chat, section string) *proxy {
	t.Helper()
	folder := t.TempDir()
	p := &proxy{t: t, address: chattest.FreeAddress(t), trusted: x509.NewCertPool()}
	_, port, _ := net.SplitHostPort(p.address)
	whole := "{\n\tadmin off\n\tdefault_bind 127.0.0.1\n\thttps_port " + port + "\n\tauto_https disable_redirects\n\tlocal_certs\n\tskip_install_trust\n" +
		"\tservers {\n\t\tprotocols h1 h2\n\t}\n}\n" + with(t, snippet(t, section, "Caddy"), "127.0.0.1:9090", chat) + "\n"
	command := exec.CommandContext(context.Background(), program(t, "caddy"), "run", "--adapter", "caddyfile", "--config", write(t, folder, "Caddyfile", whole)) //nolint:gosec // ours
	command.Env = append(os.Environ(), "XDG_DATA_HOME="+folder, "XDG_CONFIG_HOME="+folder, "HOME="+folder)
	p.run(command)
	p.trusted.AppendCertsFromPEM([]byte(read(t, filepath.Join(folder, "caddy/pki/authorities/local/root.crt"))))
	return p
}

func write(t *testing.T, folder, name, content string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// browser returns an HTTP client with its own address, which resolves chat.example to
// this proxy.
func (p *proxy) browser(from string) *http.Client {
	client := &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: p.trusted},
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).DialContext(ctx, network, p.address)
			},
		},
	}
	p.t.Cleanup(client.CloseIdleConnections)
	return client
}

// get sends a request, with headers in pairs.
func (p *proxy) get(client *http.Client, url string, headers ...string) (*http.Response, string) {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, url, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := client.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response, string(body)
}

// connect opens a WebSocket connection, as a page of an origin does.
func (p *proxy) connect(ctx context.Context, url, origin string, options websocket.DialOptions) (*websocket.Conn, *http.Response, error) {
	options.HTTPClient, options.HTTPHeader = p.browser("127.0.0.1"), http.Header{"Origin": {origin}}
	return websocket.Dial(ctx, url, &options)
}

// log collects a chat's log in whole lines.
type log struct {
	mu    sync.Mutex
	lines string
}

func (l *log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines += string(line)
	return len(line), nil
}

// addressOf returns the client address of the last answered request.
func (l *log) addressOf(t *testing.T, route string) string {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	all := regexp.MustCompile(`route=`+route+` .*? address=(\S+)`).FindAllStringSubmatch(l.lines, -1)
	if len(all) == 0 {
		t.Fatalf("no request for %s is logged:\n%s", route, l.lines)
	}
	return all[len(all)-1][1]
}
