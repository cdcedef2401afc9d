package fleet_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"chatserver/chattest"
)

func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

// attempts connects to a node until a name is accepted or refused with a status.
func attempts(t *testing.T, w *chattest.World, name string, header http.Header, status int) *chattest.Person {
	t.Helper()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		p, response, err := w.TryConnect(name, "", header)
		switch {
		case err == nil && status == http.StatusSwitchingProtocols:
			return p
		case err == nil:
			p.IsClosed() // as soon as the node knows
		case response != nil && response.StatusCode == status:
			return nil
		}
		if time.Since(began) > chattest.Patience {
			t.Fatalf("%s does not get %d, but %v", name, status, err)
		}
	}
}

// What the operator changes once, all nodes obey: an account takes its name from a guest on any
// node, and a revoked token is out on all of them, whichever node it came to.
func TestEveryNodeObeysChangesOfAccounts(t *testing.T) {
	f := chattest.NewFleet(t, 3)
	operator := f.Nodes[0]
	guest := f.Nodes[2].Connect("deploy", "")
	operator.Operates("user", "add", "Deploy", "--role", "bot")
	token, other := operator.Operates("token", "create", "--user", "deploy", "--scopes", "read,write"), operator.Operates("token", "create", "--user", "deploy", "--scopes", "read")
	if code, _, _ := guest.IsClosed(); code != 1008 {
		t.Errorf("the guest's connection closes with %d", code)
	}
	var bots []*chattest.Person
	for _, node := range f.Nodes {
		attempts(t, node, "deploy", nil, http.StatusUnauthorized)
		bots = append(bots, attempts(t, node, "deploy", bearer(token), http.StatusSwitchingProtocols))
	}
	goesOn := attempts(t, f.Nodes[1], "deploy", bearer(other), http.StatusSwitchingProtocols)
	operator.Operates("token", "revoke", strings.Fields(strings.Split(operator.Operates("token", "list"), "\n")[1])[0])
	for i, bot := range bots {
		if code, reason, _ := bot.IsClosed(); code != 1008 {
			t.Errorf("on node %d the connection closes with %d %s", i, code, reason)
		}
		attempts(t, f.Nodes[i], "deploy", bearer(token), http.StatusUnauthorized)
	}
	operator.Operates("settings", "set", "guests", "never")
	for _, node := range f.Nodes {
		attempts(t, node, "Carol", nil, http.StatusUnauthorized)
	}
	goesOn.Says("without the scope, this ends the connection")
	if code, reason, _ := goesOn.IsClosed(); code != 1008 || !strings.Contains(reason, "scope") {
		t.Errorf("the other token's connection closes with %d %s", code, reason)
	}
}
