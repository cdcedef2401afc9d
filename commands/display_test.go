package commands

import (
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// The displayed configuration contains no secrets or passwords.
func TestSecretsAreMasked(t *testing.T) {
	var all struct {
		Token    string `secret:"" help:"A token."`
		Database string
		Peers    []string
	}
	parser, err := kong.New(&all, kong.DefaultEnvars("TEST"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"--token", "hunter2", "--database", "postgres://ann:hunter2@db/chat", "--peers", "nats://x,nats://bob:hunter2@y,nats://hunter2@z,postgres:///chat?user=ann&sslpassword=hunter2"}); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for _, flag := range settingsOf(parser.Model) {
		said.WriteString(displayValue(flag) + "\n")
	}
	if strings.Contains(said.String(), "hunter2") || said.String() != masked+"\npostgres://ann:xxxxx@db/chat\nnats://x,nats://bob:xxxxx@y,nats://xxxxx@z,postgres:///chat?user=ann&sslpassword=xxxxx\n" {
		t.Errorf("it shows %s", said.String())
	}
}
