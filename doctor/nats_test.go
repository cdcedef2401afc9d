package doctor_test

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"chatserver/chattest"
	"chatserver/config"
	"chatserver/doctor"
)

// startNATS starts a NATS server with changed options and returns its address.
func startNATS(t *testing.T, change func(*server.Options)) (host string) {
	t.Helper()
	options := &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true}
	change(options)
	s, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(chattest.Patience) {
		t.Fatal("NATS does not start")
	}
	return fmt.Sprint("localhost:", s.Addr().(*net.TCPAddr).Port)
}

// ofNATS returns a doctor's findings about NATS, on a machine where no server runs.
func ofNATS(t *testing.T, change func(*config.Config), servers ...string) map[string][]doctor.Finding {
	t.Helper()
	c := config.Config{Listen: "127.0.0.1:0", Ops: "off", Data: t.TempDir(), Database: "postgres://chat@127.0.0.1:1/chat", NATS: servers}
	if change != nil {
		change(&c)
	}
	return finds(t, &doctor.Doctor{Config: c})
}

// Each server of a NATS cluster is checked, and healthy ones are reported as ok.
func TestAHealthyNATSHasNoProblems(t *testing.T) {
	open := startNATS(t, func(*server.Options) {})
	named := startNATS(t, func(o *server.Options) { o.Username, o.Password = "chat", "secret" })
	found := ofNATS(t, nil, "nats://"+open, "nats://chat:secret@"+named)
	has(t, found, "nats", doctor.OK, open+" accepts us")
	has(t, found, "nats", doctor.OK, named+" accepts us")
	if len(found["nats"]) != 2 {
		t.Errorf("it finds %+v", found["nats"])
	}
	found = ofNATS(t, nil, "nats://127.0.0.1:1", "nats://"+open)
	has(t, found, "nats", doctor.Problem, "127.0.0.1:1: no answer")
	has(t, found, "nats", doctor.OK, open+" accepts us")
	secret := startNATS(t, func(o *server.Options) {
		o.TLS, o.TLSTimeout, o.TLSConfig = true, chattest.Patience.Seconds(), &tls.Config{Certificates: []tls.Certificate{*good(t)}, MinVersion: tls.VersionTLS12}
	})
	has(t, ofNATS(t, nil, "tls://"+secret), "nats", doctor.OK, "accepts us")
}

func TestAnUnreachableNATSIsReported(t *testing.T) {
	has(t, ofNATS(t, nil, "nats://127.0.0.1:1"), "nats", doctor.Problem, "check that NATS is running there")
	has(t, ofNATS(t, nil, "nats://no-such-host.invalid:4222"), "nats", doctor.Problem, "check that NATS is running there")
	other := front{instead: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("another program")) }}.of(t, chattest.NewWorld(t))
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	has(t, ofNATS(t, nil, strings.Replace(other, "http", "nats", 1)), "nats", doctor.Problem, "check that")
	has(t, ofNATS(t, nil, "nats://"+silent.Addr().String()), "nats", doctor.Problem, "check that NATS is running there")
}

// A wrong password is reported, but not shown.
func TestWrongNATSCredentialsAreReported(t *testing.T) {
	named := startNATS(t, func(o *server.Options) { o.Username, o.Password = "chat", "secret" })
	for _, url := range []string{"nats://chat:mistyped@" + named, "nats://" + named} {
		found := ofNATS(t, nil, url)
		has(t, found, "nats", doctor.Problem, "compare the user and password")
		if said := fmt.Sprint(found); strings.Contains(said, "mistyped") {
			t.Errorf("it shows the password: %s", said)
		}
	}
}

// A node that may not publish or subscribe would never notice.
func TestMissingNATSPermissionsAreReported(t *testing.T) {
	allowed, other := &server.SubjectPermission{Allow: []string{"chatserver.room.*"}}, &server.SubjectPermission{Allow: []string{"another.>"}}
	for what, permissions := range map[string]*server.Permissions{"to say": {Publish: other, Subscribe: allowed}, "to hear": {Publish: allowed, Subscribe: other}} {
		host := startNATS(t, func(o *server.Options) {
			o.Users = []*server.User{{Username: "chat", Password: "secret", Permissions: permissions}}
		})
		found := ofNATS(t, nil, "nats://chat:secret@"+host)
		has(t, found, "nats", doctor.Problem, "allow this user in NATS to publish and to subscribe to chatserver.room.*")
		if len(found["nats"]) != 1 {
			t.Errorf("without permission %s: %+v", what, found["nats"])
		}
	}
	host := startNATS(t, func(o *server.Options) {
		o.Users = []*server.User{{Username: "chat", Password: "secret", Permissions: &server.Permissions{Publish: allowed, Subscribe: allowed}}}
	})
	has(t, ofNATS(t, nil, "nats://chat:secret@"+host), "nats", doctor.OK, "accepts us")
}

// A NATS that maps the chat's subjects to others delivers nothing.
func TestANATSThatDeliversNothingIsReported(t *testing.T) {
	host := startNATS(t, func(o *server.Options) {
		account := server.NewAccount("elsewhere")
		if err := account.AddMapping("chatserver.room.*", "nowhere.$1"); err != nil {
			t.Fatal(err)
		}
		o.Accounts, o.Users = []*server.Account{account}, []*server.User{{Username: "chat", Password: "secret", Account: account}}
	})
	has(t, ofNATS(t, nil, "nats://chat:secret@"+host), "nats", doctor.Problem, "do not come back")
}

func TestAnInvalidNATSCertificateIsReported(t *testing.T) {
	with := func(certificate *tls.Certificate) string {
		return startNATS(t, func(o *server.Options) {
			o.TLS, o.TLSTimeout, o.TLSConfig = true, chattest.Patience.Seconds(), &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12}
		})
	}
	day := 24 * time.Hour
	for what, certificate := range map[string]*tls.Certificate{
		"a stranger signed it": stranger.signs(t, "localhost", time.Now().Add(-day), time.Now().Add(day)),
		"another name":         authority.signs(t, "nats.example", time.Now().Add(-day), time.Now().Add(day)),
	} {
		t.Log(what)
		has(t, ofNATS(t, nil, "tls://"+with(certificate)), "nats", doctor.Problem, "set --nats-ca to the CA of its certificate")
	}
	plain := startNATS(t, func(*server.Options) {})
	has(t, ofNATS(t, nil, "tls://"+plain), "nats", doctor.Problem, "NATS does not offer TLS")
}

func TestInvalidFilesForNATSAreReported(t *testing.T) {
	asks := func(o *server.Options) { // for credentials
		o.Nkeys = []*server.NkeyUser{{Nkey: "UDIXOVLD547A76JNTUNFS66YSQHZJUAKBZTRBMVA2N2XU2JYTMXNWL6G"}}
	}
	host, empty := startNATS(t, asks), filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ca := func(file string) func(*config.Config) { return func(c *config.Config) { c.NATSCA = file } }
	creds := func(file string) func(*config.Config) { return func(c *config.Config) { c.NATSCreds = file } }
	for says, change := range map[string]func(*config.Config){
		"cannot read --nats-ca":    ca(empty + "-missing"),
		"contains no certificate":  ca(empty),
		"cannot read --nats-creds": creds(empty + "-missing"),
		"the --nats-creds file":    creds(empty),
	} {
		has(t, ofNATS(t, change, "nats://"+host), "nats", doctor.Problem, says)
	}
}

// A node without NATS may be intended, and a single server on SQLite needs none.
func TestANodeWithoutNATSGetsANote(t *testing.T) {
	has(t, ofNATS(t, nil), "nats", doctor.Note, "set --nats on every node")
	if found := ofNATS(t, func(c *config.Config) { c.Database = "" }); len(found["nats"]) > 0 {
		t.Errorf("for a single server: %+v", found["nats"])
	}
}

// A node that lost its NATS keeps running, and reports since when.
func TestANodeThatLostItsNATSIsReported(t *testing.T) {
	f := chattest.NewFleet(t, 1)
	look := func() map[string][]doctor.Finding {
		return finds(t, of(f.Nodes[0], func(d *doctor.Doctor) {
			d.Config.Database, d.Config.NATS = "postgres://chat@127.0.0.1:1/chat", []string{f.NATS.URL()}
		}))
	}
	has(t, look(), "server", doctor.OK, "ready for new connections")
	f.NATS.Kill()
	for began := time.Now(); ; {
		found := look()
		if found["server"][0].Kind == doctor.Problem || time.Since(began) > chattest.Patience {
			has(t, found, "server", doctor.Problem, "running, but nats: gone since 20")
			has(t, found, "nats", doctor.Problem, "no answer")
			return
		}
	}
}
