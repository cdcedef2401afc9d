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

// help is what chatserver --help says, and each of its commands.
func help(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	for _, command := range []string{"serve", "healthcheck", "doctor", "backup", "restore", "export", "config", "version"} {
		if code := commands.Main([]string{command, "--help"}, nil, &out, &out); code != 0 {
			t.Fatalf("%s --help ends with %d: %s", command, code, &out)
		}
	}
	return out.String()
}

// ofOthers are flags of other programs that our pages speak of.
var ofOthers = []string{"--ulimit", "--strip-incoming-x-forwarded-for"}

// files are those in this folder that others read, and the pages about them.
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

// A setting that is none would stop the server in the one case, and be read in vain
// in the other.
func TestEveryDocumentedSettingExists(t *testing.T) {
	t.Parallel()
	said := 0
	help := help(t)
	for _, file := range files(t) {
		for _, name := range regexp.MustCompile(`\bCHAT_[A-Z_]+\b`).FindAllString(read(t, file), -1) {
			said++
			name = strings.TrimSuffix(name, config.FileSuffix)
			if name != "CHAT_NAME" && !regexp.MustCompile(`\$`+name+`\b`).MatchString(help) {
				t.Errorf("%s sets %s, which is no setting", file, name)
			}
		}
		for _, flag := range regexp.MustCompile("`(--[a-z-]+)").FindAllStringSubmatch(read(t, file), -1) {
			said++
			if !strings.Contains(help, flag[1]) && !slices.Contains(ofOthers, flag[1]) {
				t.Errorf("%s speaks of %s, which is no setting", file, flag[1])
			}
		}
	}
	if said < 10 {
		t.Errorf("only %d settings were found", said)
	}
}

// What probes and Prometheus ask is answered.
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
		t.Errorf("only %v are asked", paths)
	}
	for _, path := range paths {
		response, err := http.Get("http://" + world.Ops() + path) //nolint:noctx // it ends with the test's server
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s is answered with %s", path, response.Status)
		}
	}
}

// The pages lead to files and headings that exist, and name only files of this folder
// that are there or are made by what is there.
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
				t.Errorf("%s leads to %s, where nothing is called so", page, link[1])
			}
		}
	}
}

// anchors are the headings of a page as GitHub makes addresses of them.
func anchors(page string) (all []string) {
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(page, -1) {
		plain := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		all = append(all, strings.ReplaceAll(plain, " ", "-"))
	}
	return all
}
