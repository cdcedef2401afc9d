package schemas_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// load reads files as docker compose does, and checks them against the Compose schema.
func load(t *testing.T, files ...string) *types.Project {
	t.Helper()
	project, err := tryToLoad(t, nil, files...)
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// tryToLoad is load with environment variables.
func tryToLoad(t *testing.T, variables []string, files ...string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions(files, cli.WithWorkingDirectory(".."), cli.WithEnv(variables))
	if err != nil {
		t.Fatal(err)
	}
	return options.LoadProject(t.Context())
}

// With a domain, the chat has TLS and publishes no other port. Without one, Compose
// reports what is missing.
func TestComposeMakesAWebsite(t *testing.T) {
	t.Parallel()
	files := []string{"../compose.yaml", "../compose.tls.yaml"}
	project, err := tryToLoad(t, []string{"CHATSERVER_DOMAIN=chat.example"}, files...)
	if err != nil {
		t.Fatal(err)
	}
	chat := project.Services["chatserver"]
	if domains := chat.Environment["CHAT_TLS_DOMAINS"]; domains == nil || *domains != "chat.example" {
		t.Errorf("its certificate is for %v", domains)
	}
	if len(chat.Ports) != 1 || chat.Ports[0].Published != "443" || chat.Ports[0].Target != 9090 {
		t.Errorf("it publishes %+v", chat.Ports)
	}
	if _, err := tryToLoad(t, nil, files...); err == nil || !strings.Contains(err.Error(), "CHATSERVER_DOMAIN=chat.example") {
		t.Errorf("without a domain: %v", err)
	}
}

func TestComposeUnderstandsTheChat(t *testing.T) {
	t.Parallel()
	chat := load(t, "../compose.yaml").Services["chatserver"]
	if !chat.ReadOnly || !slices.Equal(chat.CapDrop, []string{"ALL"}) || !slices.Contains(chat.SecurityOpt, "no-new-privileges:true") {
		t.Error("the chat has more rights than it needs")
	}
	if chat.Ulimits["nofile"].Soft < 65536 || len(chat.HealthCheck.Test) == 0 {
		t.Error("the limit of open files is too low, or there is no health check")
	}
	if len(chat.Volumes) != 1 || chat.Volumes[0].Target != "/data" || chat.Volumes[0].Type != "volume" {
		t.Errorf("its data is at %+v", chat.Volumes)
	}
	if len(chat.Ports) != 1 || chat.Ports[0].Target != 9090 {
		t.Errorf("it publishes %+v", chat.Ports)
	}
	if _, err := os.Stat(filepath.Join(chat.Build.Context, "Dockerfile")); err != nil {
		t.Errorf("it has no build context: %v", err)
	}
}

// Mounted files exist, images have versions, and only the chat can be reached from
// outside.
func TestComposeUnderstandsTheMonitoring(t *testing.T) {
	t.Parallel()
	project := load(t, "../compose.yaml", "../compose.observability.yaml")
	if len(project.Services) != 4 {
		t.Errorf("there are %d services", len(project.Services))
	}
	for name, service := range project.Services {
		if name != "chatserver" && !regexp.MustCompile(`:v?\d+\.\d+\.\d+$`).MatchString(service.Image) {
			t.Errorf("%s has the image %s, without a version", name, service.Image)
		}
		for _, volume := range service.Volumes {
			if volume.Type != "bind" {
				continue
			}
			if _, err := os.Stat(volume.Source); err != nil {
				t.Errorf("%s mounts a file that does not exist: %v", name, err)
			}
		}
		for _, port := range service.Ports {
			if name != "chatserver" && port.HostIP != "127.0.0.1" {
				t.Errorf("%s can be reached from outside at %s", name, port.Published)
			}
		}
	}
	if endpoint := project.Services["chatserver"].Environment["OTEL_EXPORTER_OTLP_ENDPOINT"]; endpoint == nil || !strings.Contains(*endpoint, "//jaeger:") {
		t.Error("the traces are not exported")
	}
}
