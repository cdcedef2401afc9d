package deploy_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"chatserver/chattest"
)

// kit is a proxy that tools/install-test-needs.sh has unpacked from Debian's packages,
// with its libraries. A variable like HAPROXY may name the program instead.
type kit struct{ name, path string }

var (
	haproxy  = kit{"haproxy", "usr/sbin/haproxy"}
	apache   = kit{"apache2", "usr/sbin/apache2"}
	lighttpd = kit{"lighttpd", "usr/sbin/lighttpd"}
	squid    = kit{"squid", "usr/sbin/squid"}
)

// folder returns the directory into which the kit was unpacked.
func (k kit) folder(t *testing.T) string {
	t.Helper()
	return filepath.Join(cache(t), "chatserver", "kits", k.name)
}

// command returns the program with its own libraries.
func (k kit) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	program, folder := os.Getenv(strings.ToUpper(k.name)), k.folder(t)
	if program == "" {
		program = filepath.Join(folder, k.path)
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("there is no %s: make deps installs it", k.name)
	}
	libraries, err := filepath.Glob(filepath.Join(folder, "usr/lib/*-linux-gnu*"))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(context.Background(), program, args...) //nolint:gosec // ours
	command.Env = append(os.Environ(), "LD_LIBRARY_PATH="+strings.Join(libraries, ":"))
	return command
}

// newProxy prepares a proxy of the docs with a certificate. It returns its address, the
// directory of its files, and the snippet with the certificate and this test's chat
// filled in.
func newProxy(t *testing.T, chat, begins string, pairs ...string) (p *proxy, folder, site string) {
	t.Helper()
	folder = t.TempDir()
	p = &proxy{t: t, address: chattest.FreeAddress(t), trusted: x509.NewCertPool()}
	cert, key := filepath.Join(folder, "chat.pem"), filepath.Join(folder, "chat.key")
	chattest.WriteCertificate(t, cert, key, "chat.example", 1)
	p.trusted.AppendCertsFromPEM([]byte(read(t, cert)))
	site = snippet(t, "Behind a proxy", begins)
	for i := 0; i < len(pairs); i += 2 {
		pairs[i+1] = strings.NewReplacer("ADDRESS", p.address, "CHATPORT", port(t, chat), "CHAT", chat, "CERT", cert, "KEY", key).Replace(pairs[i+1])
	}
	return p, folder, with(t, site, pairs...)
}

func port(t *testing.T, address string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func newHAProxy(t *testing.T, chat string, pairs ...string) *proxy {
	t.Helper()
	p, folder, site := newProxy(t, chat, "HAProxy", append([]string{"bind :443", "bind ADDRESS", "/etc/ssl/chat.pem", "CERT.both", "127.0.0.1:9090", "CHAT"}, pairs...)...)
	cert := filepath.Join(folder, "chat.pem")
	write(t, folder, "chat.pem.both", read(t, cert)+read(t, filepath.Join(folder, "chat.key")))
	p.run(haproxy.command(t, "-db", "-f", write(t, folder, "haproxy.cfg", site+"\n")))
	return p
}

func newApache(t *testing.T, chat string, pairs ...string) *proxy {
	t.Helper()
	p, folder, site := newProxy(t, chat, "Apache", append([]string{"*:443", "ADDRESS", "/etc/ssl/chat.pem", "CERT", "/etc/ssl/chat.key", "KEY", "127.0.0.1:9090", "CHAT"}, pairs...)...)
	whole := "ServerRoot " + folder + "\nPidFile " + folder + "/pid\nErrorLog /dev/stderr\nListen " + p.address + "\n"
	if os.Geteuid() == 0 {
		whole += "User nobody\nGroup nogroup\n" // it refuses to serve as root
	}
	for _, module := range []string{"mpm_event", "authz_core", "socache_shmcb", "ssl", "headers", "proxy", "proxy_http", "proxy_wstunnel", "http2"} {
		whole += "LoadModule " + module + "_module " + apache.folder(t) + "/usr/lib/apache2/modules/mod_" + module + ".so\n"
	}
	p.run(apache.command(t, "-D", "FOREGROUND", "-f", write(t, folder, "apache.conf", whole+site+"\n")))
	return p
}

func newLighttpd(t *testing.T, chat string, pairs ...string) *proxy {
	t.Helper()
	p, folder, site := newProxy(t, chat, "lighttpd", append([]string{`":443"`, `"ADDRESS"`, "/etc/ssl/chat.pem", "CERT", "/etc/ssl/chat.key", "KEY", "9090", "CHATPORT"}, pairs...)...)
	whole := fmt.Sprintf("server.document-root = %q\nserver.bind = \"127.0.0.1\"\nserver.port = %s\n", folder, port(t, chattest.FreeAddress(t)))
	p.run(lighttpd.command(t, "-D", "-m", lighttpd.folder(t)+"/usr/lib/lighttpd", "-f", write(t, folder, "lighttpd.conf", whole+site+"\n")))
	return p
}

func newSquid(t *testing.T, chat string, pairs ...string) *proxy {
	t.Helper()
	p, folder, site := newProxy(t, chat, "Squid", append([]string{"https_port 443", "https_port ADDRESS", "/etc/ssl/chat.pem", "CERT", "/etc/ssl/chat.key", "KEY", "parent 9090", "parent CHATPORT"}, pairs...)...)
	share := squid.folder(t) + "/usr/share/squid"
	whole := "pid_filename none\nlogfile_rotate 0\naccess_log none\ncache_log /dev/null\ncoredump_dir " + folder + "\nnetdb_filename none\npinger_enable off\n" +
		"unlinkd_program " + squid.folder(t) + "/usr/lib/squid/unlinkd\nmime_table " + share + "/mime.conf\nicon_directory " + share + "/icons\nerror_directory " + squid.folder(t) + "/usr/share/squid-langpack/templates\n" +
		"shutdown_lifetime 0 seconds\n"
	if os.Geteuid() == 0 {
		whole += "cache_effective_user nobody\n" // or it requires a user named proxy
	}
	// Squid names its shared memory after its service. A unique name avoids conflicts with
	// other instances, and with the remains of a killed one.
	service := "chat" + p.address[strings.LastIndex(p.address, ":")+1:]
	p.run(squid.command(t, "-N", "-d1", "-n", service, "-f", write(t, folder, "squid.conf", whole+site+"\n")))
	return p
}
