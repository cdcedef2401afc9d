package fleet_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"chatserver/chattest"
)

// secured is a NATS server with TLS that requires credentials, and the files that nodes
// need for it.
type secured struct {
	nats           *chattest.NATS
	url, ca, creds string
	trust          *chattest.Trust
}

func newSecured(t *testing.T) secured {
	t.Helper()
	tls, ca := chattest.SpeaksTLS(t)
	trust := chattest.NewTrust(t)
	s := secured{ca: ca, creds: filepath.Join(t.TempDir(), "user.creds"), trust: trust}
	trust.WritesCredentials(s.creds)
	s.nats = chattest.StartNATS(t, tls, trust.Asks)
	s.url = s.nats.SecureURL()
	return s
}

// Hints reach the other node over NATS with TLS and credentials.
func TestNodesUseTLSAndCredentialsWithNATS(t *testing.T) {
	t.Parallel()
	s := newSecured(t)
	args := []string{"--database", chattest.Database(t), "--nats", s.url, "--nats-ca", s.ca, "--nats-creds", s.creds}
	a, b := chattest.StartProgram(t, args...), chattest.StartProgram(t, args...)
	ann, bob := a.World().Join("Ann", "lobby"), b.World().Join("Bob", "lobby")
	a.Logs("connected to NATS")
	b.Logs("connected to NATS")
	ann.Asks("typing", "room", "lobby")
	if e := bob.HearsEvent("typing"); e.From != "Ann" {
		t.Errorf("Bob receives %+v", e)
	}
}

// A node with wrong settings reports what is wrong. It does not start if it can detect
// that at once.
func TestANodeSaysWhyItCannotSpeakToNATS(t *testing.T) {
	t.Parallel()
	s, database := newSecured(t), chattest.Database(t)
	_, otherCA := chattest.SpeaksTLS(t)
	otherCreds, nothing, missing := filepath.Join(t.TempDir(), "other.creds"), filepath.Join(t.TempDir(), "empty"), filepath.Join(t.TempDir(), "missing")
	chattest.NewTrust(t).WritesCredentials(otherCreds)
	if err := os.WriteFile(nothing, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		what, ca, creds, says string
		starts                bool
	}{
		{"no file of authorities", missing, s.creds, "cannot read --nats-ca", false},
		{"a file without authorities", nothing, s.creds, "contains no certificate", false},
		{"no file of credentials", s.ca, missing, "cannot read --nats-creds", false},
		{"a file without credentials", s.ca, nothing, "cannot use NATS", true},
		{"other authorities", otherCA, s.creds, "certificate signed by unknown authority", true},
		{"credentials of somebody else", s.ca, otherCreds, "Authorization Violation", true},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			args := []string{"--database", database, "--nats", s.url, "--nats-ca", test.ca, "--nats-creds", test.creds}
			if !test.starts {
				command := chattest.Command(append(args, "--listen", "127.0.0.1:0", "--ops", "off")...)
				said, _ := command.CombinedOutput()
				if command.ProcessState.ExitCode() != 1 || !strings.Contains(string(said), test.says) || strings.Count(string(said), "\n") != 1 {
					t.Errorf("the program exits with %d and logs %s", command.ProcessState.ExitCode(), said)
				}
				return
			}
			node := chattest.StartProgram(t, args...)
			node.Logs(test.says)
			if seq, code := node.World().Join("Ann", "lobby").SaysUntilAcknowledged("lobby", uuid.NewString(), "hello"); seq == 0 {
				t.Errorf("Ann was refused: %s", code)
			}
		})
	}
}

// Rejected NATS credentials can be replaced while the node runs.
func TestCredentialsArePutRightWithoutARestart(t *testing.T) {
	t.Parallel()
	s := newSecured(t)
	chattest.NewTrust(t).WritesCredentials(s.creds)
	node := chattest.StartProgram(t, "--database", chattest.Database(t), "--nats", s.url, "--nats-ca", s.ca, "--nats-creds", s.creds)
	node.Logs("Authorization Violation")
	s.nats.Refused(4)
	s.trust.WritesCredentials(s.creds)
	node.Logs("connected to NATS")
	if complaints := strings.Count(node.Log(), "Authorization Violation"); complaints != 1 {
		t.Errorf("the node logged the problem %d times", complaints)
	}
}
