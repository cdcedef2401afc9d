package commands_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"chatserver/chattest"
)

// scene runs the commands of the documents: with a server, its data directory, and a
// working folder. Names of a real machine in the commands are replaced by those of the
// scene.
type scene struct {
	t      *testing.T
	folder string
	world  *chattest.World
	names  *strings.Replacer
	curl   bool // whether curl is installed
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{t: t, folder: t.TempDir(), world: chattest.NewWorld(t)}
	ann := s.world.Connect("Ann", "")
	ann.Says("hello") // something to export
	ann.Hears("Ann connected to chat", "Ann: hello")
	s.names = strings.NewReplacer(
		"localhost:9090", s.world.Address(), "127.0.0.1:9797", s.world.Ops(), "https://chat.example", "http://"+s.world.Address(),
		"/var/lib/chatserver", s.world.Data(), "/etc/", s.folder+"/etc/", "/mnt/", s.folder+"/mnt/", "bin/chatserver", "chatserver",
	)
	ourselves, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\n%s CHAT_LISTEN=%s CHAT_OPS=%s exec %s \"$@\"\n", chattest.Command().Env[0], s.world.Address(), s.world.Ops(), ourselves)
	for _, err := range []error{
		os.Mkdir(filepath.Join(s.folder, "path"), 0o700),
		os.WriteFile(filepath.Join(s.folder, "path", "chatserver"), []byte(script), 0o700), //nolint:gosec // it is to be run
		os.Symlink(s.world.Data(), filepath.Join(s.folder, "data")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err = exec.LookPath("curl"); err != nil {
		t.Log("NOT TESTED HERE: lines with curl are only held to what they ask for, since there is none")
	}
	s.curl = err == nil
	return s
}

// try runs a line or applies its rules.
func (s *scene) try(l shownLine) (kind string, err error) {
	names := make([]string, len(l.parts))
	for i, part := range l.parts {
		if part, err = withoutPrefix(part); err != nil {
			return "checked", err
		}
		if len(part) > 0 { // otherwise it only exports variables
			names[i] = strings.TrimPrefix(part[0], "bin/")
		}
	}
	for _, part := range l.parts {
		if err := s.asks(part); err != nil {
			return "checked", err
		}
	}
	switch {
	case names[0] == "websocat":
		return "run", nil // checked by asks
	case names[0] == "chatserver" && s.isForShort(l.parts[0]), names[0] == "curl" && s.curl:
		if slices.Contains(l.parts[0], "restore") {
			return "run", s.restores(l)
		}
		return "run", s.runs(s.folder, l.text)
	}
	for i, part := range l.parts {
		if names[i] == "curl" {
			continue // checked by asks
		}
		if err := check(part); err != nil {
			return "checked", err
		}
	}
	return "checked", nil
}

// isForShort reports whether a command of ours ends soon without a signal.
func (s *scene) isForShort(command []string) bool {
	ends := []string{"version", "config", "backup", "export", "doctor", "restore", "healthcheck", "--help"}
	return slices.ContainsFunc(command, func(arg string) bool { return slices.Contains(ends, arg) }) && !slices.Contains(command, "--slow")
}

// runs runs a line in a shell.
func (s *scene) runs(folder, text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), chattest.Patience)
	defer cancel()
	text = s.names.Replace(strings.ReplaceAll(text, "sudo ", ""))
	text = strings.ReplaceAll(text, "--max-time 5", "--max-time 0.3") // for commands that do not end
	command := exec.CommandContext(ctx, "sh", "-c", text)             //nolint:gosec // of our own documents
	command.Dir = folder
	command.Env = []string{"PATH=" + filepath.Join(s.folder, "path") + ":" + os.Getenv("PATH")}
	said, err := command.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == 28 && strings.Contains(string(said), "101 Switching Protocols"): // an open WebSocket
	case errors.As(err, &exit) && exit.ExitCode() == 1 && strings.Contains(string(said), "chatserver: found ") && strings.Contains(text, " doctor"): // findings about this machine
	case err != nil:
		return fmt.Errorf("%w: %s", err, said)
	}
	return nil
}

// restores runs a restore in a folder without a server; the file that it names is a
// backup.
func (s *scene) restores(l shownLine) error {
	folder := s.t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "data"), 0o700); err != nil {
		return err
	}
	file := after(l.parts[0], "restore")[0]
	elsewhere := func(text string) string {
		return strings.ReplaceAll(text, "/var/lib/chatserver", filepath.Join(folder, "data"))
	}
	file = elsewhere(file)
	if !filepath.IsAbs(file) {
		file = filepath.Join(folder, file)
	}
	if err := s.runs(s.folder, "chatserver backup "+file); err != nil {
		return err
	}
	return s.runs(folder, elsewhere(l.text))
}

var address = regexp.MustCompile(`^(https?|ws)://(localhost:9090|127\.0\.0\.1:9797)(/.*)?$`)

// asks checks that the URLs that a command requests exist.
func (s *scene) asks(command []string) error {
	if slices.ContainsFunc(command, func(arg string) bool { return strings.HasSuffix(arg, "chatserver") }) {
		return nil // our own command checks it itself
	}
	for _, arg := range command {
		if !address.MatchString(arg) {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), chattest.Patience)
		defer cancel()
		if strings.HasPrefix(arg, "ws:") {
			conn, response, err := websocket.Dial(ctx, s.names.Replace(arg), nil) //nolint:bodyclose // the library's
			if err != nil {
				return fmt.Errorf("%w, %v", err, response)
			}
			if err := conn.Close(websocket.StatusNormalClosure, ""); err != nil {
				return err
			}
			continue
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.names.Replace(arg), nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		_ = response.Body.Close() // not read
		if response.StatusCode == http.StatusNotFound {
			return fmt.Errorf("%s is answered with %s", arg, response.Status)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	return nil
}
