package deploy_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chatserver/chattest"
	"chatserver/commands"
	"chatserver/config"
)

// help returns the output of chatserver --help, and of --help for each command.
func help(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	for _, command := range []string{"serve", "healthcheck", "doctor", "backup", "restore", "export", "config", "version", "user sessions", "token create"} {
		if code := commands.Main(append(strings.Fields(command), "--help"), nil, &out, &out); code != 0 {
			t.Fatalf("%s --help exits with %d: %s", command, code, &out)
		}
	}
	return out.String()
}

// ofOthers are flags of other programs that the docs mention.
var ofOthers = []string{"--ulimit", "--strip-incoming-x-forwarded-for"}

// files lists the files in this directory that other programs read, and the docs about
// them.
func files(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, "../Dockerfile", "../README.md", "../SECURITY.md")
	err = filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && (entry.Name() == "Caddyfile" || slices.Contains([]string{".yaml", ".yml", ".service", ".socket", ".alloy"}, filepath.Ext(path))) {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// An unknown environment variable would stop the server, and an unknown flag in the docs
// would mislead readers.
func TestEveryDocumentedSettingExists(t *testing.T) {
	t.Parallel()
	said := 0
	help := help(t)
	for _, file := range files(t) {
		for _, name := range regexp.MustCompile(`\bCHAT_[A-Z_]+\b`).FindAllString(read(t, file), -1) {
			said++
			name = strings.TrimSuffix(name, config.FileSuffix)
			if name != "CHAT_NAME" && !regexp.MustCompile(`\$`+name+`\b`).MatchString(help) {
				t.Errorf("%s sets %s, which is not a setting", file, name)
			}
		}
		for _, flag := range regexp.MustCompile("`(--[a-z-]+)").FindAllStringSubmatch(read(t, file), -1) {
			said++
			if !strings.Contains(help, flag[1]) && !slices.Contains(ofOthers, flag[1]) {
				t.Errorf("%s mentions %s, which is not a setting", file, flag[1])
			}
		}
	}
	if said < 10 {
		t.Errorf("only %d settings were found", said)
	}
}

// The server answers every path that probes and Prometheus request.
func TestTheServerServesEveryProbedPath(t *testing.T) {
	t.Parallel()
	world := chattest.NewWorld(t)
	paths := []string{"/healthz", "/metrics"}
	for _, file := range files(t) {
		for _, path := range regexp.MustCompile(`(?:httpGet:\n +path:|health_uri) (/[a-z]+)\n`).FindAllStringSubmatch(read(t, file), -1) {
			paths = append(paths, path[1])
		}
	}
	if len(paths) < 5 {
		t.Errorf("only the paths %v were found", paths)
	}
	for _, path := range paths {
		response, err := http.Get("http://" + world.Ops() + path) //nolint:noctx // it ends with the test's server
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s returns %s", path, response.Status)
		}
	}
}

// Links in the docs lead to files and headings that exist. The docs name only files of
// this directory that exist or that a script here creates.
func TestLinksInTheDocsHaveTargets(t *testing.T) {
	t.Parallel()
	pages := []string{"../README.md", "../CONTRIBUTING.md", "../SECURITY.md", "../CHANGELOG.md", "../examples/README.md"}
	for _, pattern := range []string{"../docs/*.md", "../docs/adr/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v, %v", pattern, found, err)
		}
		pages = append(pages, found...)
	}
	for _, page := range pages {
		for _, file := range regexp.MustCompile(`\bdeploy/[a-z0-9./-]*[a-z0-9]`).FindAllString(read(t, page), -1) {
			if _, err := os.Stat("../" + file); err != nil && file != "deploy/secrets" {
				t.Errorf("%s: %v", page, err)
			}
		}
		for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(read(t, page), -1) {
			file, heading, _ := strings.Cut(link[1], "#")
			if strings.HasPrefix(file, "https://") {
				continue
			}
			target := page
			if file != "" {
				target = filepath.Join(filepath.Dir(page), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %v", page, err)
			} else if heading != "" && !slices.Contains(anchors(read(t, target)), heading) {
				t.Errorf("%s links to %s, which does not exist", page, link[1])
			}
		}
	}
}

// anchors returns the anchors that GitHub creates from a page's headings.
func anchors(page string) (all []string) {
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(page, -1) {
		plain := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		all = append(all, strings.ReplaceAll(plain, " ", "-"))
	}
	return all
}
