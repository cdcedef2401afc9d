package schemas_test

import (
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

func TestComposeUnderstandsTheFleet(t *testing.T) {
	t.Parallel()
	project := load(t, "../compose.ha.yaml")
	alone := load(t, "../compose.yaml").Services["chatserver"]
	if names := slices.Sorted(maps.Keys(project.Services)); !slices.Equal(names, []string{"caddy", "chat-a", "chat-b", "nats", "postgres"}) {
		t.Fatalf("the services are %v", names)
	}
	for name, service := range project.Services {
		chat := strings.HasPrefix(name, "chat-")
		if chat {
			checkNode(t, name, service, alone)
		} else if !regexp.MustCompile(`:\d+\.\d+(\.\d+)?(-alpine)?$`).MatchString(service.Image) {
			t.Errorf("%s has the image %s, without a version", name, service.Image)
		}
		if name != "caddy" && (len(service.Ports) != 0 || len(service.HealthCheck.Test) == 0) {
			t.Errorf("%s is open at %v, or has no health check", name, service.Ports)
		}
		for variable, value := range service.Environment {
			if value != nil && (strings.Contains(*value, "://") || strings.HasSuffix(variable, "PASSWORD")) {
				t.Errorf("%s exposes its %s", name, variable)
			}
		}
		for _, volume := range service.Volumes {
			if _, err := os.Stat(volume.Source); volume.Type == "bind" && err != nil {
				t.Errorf("%s mounts a file that does not exist: %v", name, err)
			}
		}
		if _, front := service.Networks["front"]; !chat && front == (name != "caddy") {
			t.Errorf("%s: only Caddy may be on the front network", name)
		}
	}
	if !project.Networks["back"].Internal {
		t.Error("the database can be reached from outside")
	}
	front := project.Networks["front"].Ipam.Config[0].Subnet
	if trusted := *project.Services["chat-a"].Environment["CHAT_TRUSTED_PROXIES"]; trusted != front {
		t.Errorf("%s is trusted, but Caddy is in %s", trusted, front)
	}
}

// checkNode checks that a node has no more rights than a single server, and stores no
// data itself.
func checkNode(t *testing.T, name string, node, alone types.ServiceConfig) {
	t.Helper()
	if !node.ReadOnly || !slices.Equal(node.CapDrop, alone.CapDrop) || !slices.Equal(node.SecurityOpt, alone.SecurityOpt) ||
		node.Ulimits["nofile"].Soft != alone.Ulimits["nofile"].Soft || *node.StopGracePeriod != *alone.StopGracePeriod || node.Image != alone.Image {
		t.Errorf("%s runs differently from a single server", name)
	}
	if len(node.Volumes) != 0 || len(node.Tmpfs) != 1 || !strings.HasPrefix(node.Tmpfs[0], "/data:") {
		t.Errorf("%s stores data: %v, %v", name, node.Volumes, node.Tmpfs)
	}
	given := map[string]bool{}
	for _, secret := range node.Secrets {
		given["/run/secrets/"+secret.Source] = true
	}
	for _, variable := range []string{"CHAT_DATABASE_FILE", "CHAT_NATS_FILE"} {
		if file := node.Environment[variable]; file == nil || !given[*file] {
			t.Errorf("%s does not get its %s", name, variable)
		}
	}
	for _, other := range []string{"postgres", "nats"} {
		if node.DependsOn[other].Condition != types.ServiceConditionHealthy {
			t.Errorf("%s starts before %s", name, other)
		}
	}
}

// The script creates all secrets that Compose passes on, those that belong together
// match, and a second run keeps them.
func TestTheSecretsMatch(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "secrets")
	run := func() map[string]string {
		if said, err := exec.CommandContext(t.Context(), "../secrets.sh", folder).CombinedOutput(); err != nil || len(said) > 0 {
			t.Fatalf("%v: %s", err, said)
		}
		files := map[string]string{}
		for name := range map[string]bool{"postgres-password": true, "nats-password": true, "database": true, "nats": true, "nats-users.conf": true} {
			text, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			files[name] = string(text)
		}
		return files
	}
	files := run()
	if about, err := os.Stat(folder); err != nil || about.Mode().Perm() != 0o700 {
		t.Errorf("other users can enter the directory: %v, %v", about.Mode(), err)
	}
	for file, want := range map[string]string{"database": "postgres-password", "nats": "nats-password"} {
		address, err := url.Parse(strings.TrimSuffix(files[file], "\n"))
		if err != nil {
			t.Fatal(err)
		}
		if password, _ := address.User.Password(); password != files[want] || len(password) != 48 || address.User.Username() != "chat" {
			t.Errorf("%s was not signed by %s", file, want)
		}
		if services := load(t, "../compose.ha.yaml").Services; services[address.Hostname()].Name == "" {
			t.Errorf("%s points to %s", file, address.Host)
		}
	}
	if !strings.Contains(files["nats-users.conf"], `user: chat, password: "`+files["nats-password"]+`"`) {
		t.Error("NATS has another password")
	}
	for name, secret := range load(t, "../compose.ha.yaml").Secrets {
		if _, made := files[filepath.Base(secret.File)]; !made || filepath.Base(filepath.Dir(secret.File)) != "secrets" {
			t.Errorf("nothing creates %s", name)
		}
	}
	if again := run(); !maps.Equal(again, files) {
		t.Error("a second run creates different ones")
	}
}

// caddyKeys lists all directives of our Caddyfile.
var caddyKeys = []string{
	"reverse_proxy", "lb_policy", "health_uri", "health_port", "health_interval", "health_timeout", "health_headers", "Host",
	"lb_try_duration", "fail_duration", "@refused", "handle_response", "@a", "stream_close_delay",
	"handle_errors", "@nobody", "header", "respond",
}

// Caddy routes to both nodes, and checks their health where they report it.
func TestCaddyRoutesToBothNodes(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../caddy/Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if key == "" || key == "}" || key[0] == '#' || key[0] == '{' {
			continue
		}
		if !slices.Contains(caddyKeys, key) {
			t.Errorf("unknown directive %s in the Caddyfile", key)
		}
		said[key] = append(said[key], value)
	}
	for key, want := range map[string][]string{
		"reverse_proxy": {"chat-a:9090 chat-b:9090 {", "@a chat-b:9090 {", "chat-a:9090 {"}, "@a": {"vars {http.reverse_proxy.upstream.hostport} chat-a:9090"},
		"health_port": {"9797"}, "Host": {"localhost"}, "stream_close_delay": {"24h", "24h", "24h"},
	} {
		if !slices.Equal(said[key], want) {
			t.Errorf("%s is %q", key, said[key])
		}
	}
	if strings.Count(string(text), "{") != strings.Count(string(text), "}") {
		t.Error("unbalanced braces")
	}
	site := load(t, "../compose.ha.yaml").Services["caddy"].Environment["FLEET_SITE"]
	if site == nil || !strings.Contains(string(text), "{$FLEET_SITE:"+*site+"}") {
		t.Error("Compose and Caddy have different sites")
	}
}
