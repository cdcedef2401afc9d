package main

import (
	"bufio"
	"debug/elf"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// Tests have no container engine. So the Dockerfile's build command runs without one,
// and the program is started as the image starts it: with only the image's environment,
// in a read-only directory, and without shared libraries.
func TestTheImagesProgramRunsOnNothing(t *testing.T) {
	dockerfile, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`(?m)^RUN (.*go build.*)$`).FindAllSubmatch(dockerfile, -1)
	if len(commands) != 1 {
		t.Fatalf("the Dockerfile has %d build commands", len(commands))
	}
	program := build(t, string(commands[0][1]))
	if runtime.GOOS == "linux" {
		isStatic(t, program)
		isSmall(t, program)
	}
	data, readOnly := t.TempDir(), t.TempDir()
	if err := os.Chmod(readOnly, 0o500); err != nil { //nolint:gosec // that is the point
		t.Fatal(err)
	}
	command := exec.Command(program, "--listen", "127.0.0.1:0", "--ops", "off")
	command.Dir, command.Env = readOnly, []string{"CHAT_DATA=" + data}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	url := regexp.MustCompile(`http://localhost:\d+`).FindString(line)
	if err != nil || url == "" {
		t.Fatalf("it logs %q, %v", line, err)
	}
	response, err := http.Get(url + "/") //nolint:noctx // a test has its own end
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("the page returns %s", response.Status)
	}
	check := exec.Command(program, "healthcheck", "--listen", strings.TrimPrefix(url, "http://"))
	check.Env = []string{}
	if said, err := check.CombinedOutput(); err != nil {
		t.Errorf("the image's health check: %v %s", err, said)
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("docker stop: %v", err)
	}
	left, err := os.ReadDir(readOnly)
	if err != nil || len(left) != 0 {
		t.Errorf("it wrote outside its data folder: %v, %v", left, err)
	}
}

// The image is what the README promises: it does not run as root, its data is a volume,
// it has a health check, and it stops gracefully.
func TestTheImageIsAsPromised(t *testing.T) {
	dockerfile, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for what, pattern := range map[string]string{
		"not root":              `(?m)^USER 65532:65532$`,
		"a volume":              `(?m)^VOLUME /data$`,
		"whose data it owns":    `(?m)^COPY .*--chown=65532:65532 .* /data$`,
		"an empty base":         `(?m)^FROM scratch$`,
		"a health check":        `(?m)^HEALTHCHECK .*CMD \["/chatserver", "healthcheck"\]$`,
		"the port":              `(?m)^EXPOSE .*9090`,
		"the data folder":       `(?m)^ENV .*CHAT_DATA=/data`,
		"a signal it obeys":     `(?m)^STOPSIGNAL SIGTERM$`,
		"the program, no shell": `(?m)^ENTRYPOINT \["/chatserver"\]$`,
	} {
		if !regexp.MustCompile(pattern).Match(dockerfile) {
			t.Errorf("the Dockerfile lacks %s", what)
		}
	}
}

// build runs the build command in this folder, with another directory for /out.
func build(t *testing.T, command string) (program string) {
	t.Helper()
	out := t.TempDir()
	shell := exec.Command("sh", "-c", strings.ReplaceAll(command, "/out/", out+"/")) //nolint:gosec // ours
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "CGO_ENABLED=") {
			shell.Env = append(shell.Env, variable)
		}
	}
	// The image is built without .git.
	shell.Env = append(shell.Env, "GOFLAGS=-buildvcs=false")
	if said, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, said)
	}
	return filepath.Join(out, "chatserver")
}

// isSmall holds what ADRs 29 and 30 achieved, and what OpenID Connect and passkeys add to it (ADR 43).
// Raise the bound only with a good reason.
func isSmall(t *testing.T, program string) {
	t.Helper()
	const megabytes, bound = 1_000_000, 41
	about, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	if about.Size() > bound*megabytes {
		t.Errorf("it has %.1f MB, more than %d", float64(about.Size())/megabytes, bound)
	}
}

func isStatic(t *testing.T, program string) {
	t.Helper()
	file, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if libraries, err := file.ImportedLibraries(); err != nil || len(libraries) > 0 {
		t.Errorf("it needs the libraries %v, %v", libraries, err)
	}
	for _, part := range file.Progs {
		if part.Type == elf.PT_INTERP {
			t.Error("it needs a dynamic loader")
		}
	}
}
